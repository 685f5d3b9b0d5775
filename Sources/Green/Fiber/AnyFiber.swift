internal import CFiber

/// Any fiber, whatever its result.
public class AnyFiber {
  // Unsafe: without Swift's check of exclusive access at run time, which would be a third of the cost of a fiber. Only
  // the hub's thread uses them, and no access lasts longer than a statement.

  /// The fiber while it has not finished.
  @exclusivity(unchecked) final var pointer: FiberPointer?
  /// The fiber's number. Numbers count from 1 in each process.
  @exclusivity(unchecked) public private(set) final var id: UInt64 = 0
  @exclusivity(unchecked) final var error: (any Error)?
  @exclusivity(unchecked) final var isErrorRead = false
  /// What is left of a fiber that has finished, where there is something to tell.
  @exclusivity(unchecked) final var remains: Remains?
  /// Most fibers have one joiner; the others queue.
  @exclusivity(unchecked) private final var firstJoiner: FiberPointer?
  @exclusivity(unchecked) private final var otherJoiners: HubWaitList?
  /// What `select` keeps here.
  @exclusivity(unchecked) final var waitingSelections: AnyObject?
  @exclusivity(unchecked) private final var observers: [(number: UInt64, call: (AnyFiber) -> Void)] = []
  @exclusivity(unchecked) private final var observersSoFar: UInt64 = 0

  final class Remains {
    var name = ""
    var site = ""
    var cause: (any Error)?
    var isCancelled = false
    /// How often its waits are called off at present: see `callOff`.
    var callsOff = 0
    /// It was asked to end by `cancel(grace:cause:)`,
    var isEnding = false
    /// and at this time it is cancelled.
    var graceEnd: HubTimer?
  }

  init() {}

  /// Runs the fiber's function and keeps what it returned.
  func main() {}
  /// Lets go of the function without running it.
  func dropBody() {}

  /// Whether the fiber's function has returned or thrown.
  public final var isFinished: Bool { pointer == nil }

  /// The fiber's name, for dumps and error reports. Setting it copies at most 63 bytes.
  public final var name: String {
    get { pointer.map { String(cString: cfiber_name($0)) } ?? remains?.name ?? "" }
    set { pointer?.setName(newValue) }
  }

  /// Which of the ready fibers run first; takes effect when the fiber becomes ready the next time.
  public final var priority: FiberPriority {
    get { pointer?.record.pointee.priority ?? .normal }
    set { pointer?.record.pointee.priority = newValue }
  }

  final func started(as fiber: FiberPointer) {
    pointer = fiber
    id = fiber.pointee.id
  }

  // MARK: The course of a fiber

  /// The whole of a fiber: called on its own stack.
  final func run() {
    if hasToEnd {
      dropBody()
      error = CancellationError()
    } else {
      main()
    }
    finish()
  }

  private final func finish() {
    guard let pointer else { return }
    if let error {
      // A fiber that ends because it was told to has nothing to report.
      if isEnding && error is CancellationError { isErrorRead = true }
      keepRemains(pointer)
    } else if pointer.pointee.name.0 != 0 || remains != nil {
      keepRemains(pointer)
    }
    self.pointer = nil
    if let joiner = firstJoiner {
      firstJoiner = nil
      joiner.record.pointee.hub.ready(joiner)
    }
    otherJoiners?.wakeAll()
    if !observers.isEmpty {
      let observers = observers
      self.observers = []
      for observer in observers { observer.call(self) }
    }
  }

  /// Calls `body` when the fiber finishes, as the last thing that it does; at once when it has finished. The function
  /// must not park; it may wake others and spawn.
  public final func whenFinished(_ body: @escaping (AnyFiber) -> Void) {
    observe(body)
  }

  /// As ``whenFinished(_:)``.
  ///
  /// - Returns: what ``forgetObserver(_:)`` takes; 0 when the fiber had finished.
  @discardableResult
  final func observe(_ body: @escaping (AnyFiber) -> Void) -> UInt64 {
    guard pointer != nil else {
      body(self)
      return 0
    }
    observersSoFar += 1
    observers.append((observersSoFar, body))
    return observersSoFar
  }

  /// Takes an observer back, so that a fiber which lives long does not keep all who ever waited for it.
  final func forgetObserver(_ number: UInt64) {
    // The last, mostly.
    guard let index = observers.lastIndex(where: { $0.number == number }) else { return }
    observers.remove(at: index)
  }

  private final func keepRemains(_ pointer: FiberPointer) {
    let kept = remains ?? Remains()
    kept.name = String(cString: cfiber_name(pointer))
    kept.site = pointer.record.pointee.site.description
    kept.graceEnd?.cancel()
    kept.graceEnd = nil
    remains = kept
  }

  // MARK: Waiting for its end

  /// Waits until the fiber has finished, whether it succeeded or not. Parks the calling fiber.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` when the calling fiber is cancelled;
  ///   ``HubError/outside`` when called outside a fiber before this one has finished.
  public final func join(until deadline: Deadline = .never) throws {
    guard pointer != nil else { return }
    guard let (hub, fiber) = Hub.running else { throw HubError.outside }
    guard firstJoiner == nil else { return try joinAfterOthers(until: deadline) }
    firstJoiner = fiber
    while pointer != nil {
      let wake = hub.park(fiber, until: deadline, for: WaitReason(.fiber, on: self))
      if wake != .ready && pointer != nil {
        firstJoiner = nil
        try wake.check()
      }
    }
  }

  private final func joinAfterOthers(until deadline: Deadline) throws {
    let waiters = otherJoiners ?? HubWaitList()
    otherJoiners = waiters
    try waiters.wait(until: deadline, for: WaitReason(.fiber, on: self))
  }

  // MARK: Cancellation

  /// Tells the fiber to end. Every wait that it is in or begins from now on throws `CancellationError`, until it has
  /// ended, so that its `defer` blocks and clean-up run; what can be done without waiting is still done. A fiber that
  /// has not begun never runs. Returns at once: ``join(until:)`` waits for the end.
  ///
  /// - Parameter cause: why, for ``cancellationCause``; the first cause stays.
  public final func cancel(cause: (any Error)? = nil) {
    guard pointer != nil, !hasToEnd else { return }
    let kept = remains ?? Remains()
    kept.isCancelled = true
    kept.isEnding = true
    kept.cause = kept.cause ?? cause
    remains = kept
    endWaits()
  }

  /// Whether the fiber's waits end: ``cancel(cause:)`` was called before it finished, or the task was cancelled for which it runs
  /// blocking code.
  public final var isCancelled: Bool { remains.map { $0.isCancelled || $0.callsOff > 0 } ?? false }

  /// Whether the fiber was cancelled for good.
  final var hasToEnd: Bool { remains?.isCancelled ?? false }

  /// What ``cancel(cause:)`` was given.
  public final var cancellationCause: (any Error)? { remains?.cause }

  deinit {
    if let error, !isErrorRead {
      let name = remains?.name ?? ""
      let site = remains.map { ", spawned at \($0.site)," } ?? ""
      Report.message(
        "fiber \(id)\(name.isEmpty ? "" : " \"\(LogText.escaped(name))\"")\(site) failed and nobody "
          + "asked for its value: " + LogText.message("\(error)"))
    }
  }
}
