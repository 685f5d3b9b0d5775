internal import CFiber
internal import CGlibc
internal import Glibc

/// A green thread: a function with a stack of its own, which runs on its hub's thread and gives that thread to others
/// whenever it waits. It is written as ordinary blocking code.
///
/// `Fiber` mirrors `Task`: ``spawn(name:_:)`` starts one, ``value`` waits for its result.
///
/// A fiber costs its stack's touched pages (4 KB at least), and a switch about ten nanoseconds. Code that computes
/// without ever waiting keeps the thread to itself: call ``yield()`` in it now and then.
public final class Fiber<Success>: AnyFiber {
  private enum Outcome {
    case body(() throws -> Success)
    case running
    case value(Success)
    case error(any Error)
  }

  private var outcome: Outcome
  private var isErrorRead = false

  private init(_ body: @escaping () throws -> Success) { outcome = .body(body) }
  private init(failing error: any Error) { outcome = .error(error) }

  /// Starts a fiber on the calling thread's hub. It runs once those that are ready already have had their turn.
  ///
  /// - Parameter name: shown in dumps and error reports; cut to 63 bytes of UTF-8.
  /// - Returns: the fiber. Where it cannot run, on a thread without a hub or when no stack can be had, it has finished
  ///   already and its ``value`` throws ``HubError/outside`` or ``HubError/stacks(_:)``.
  @discardableResult
  public static func spawn(name: String? = nil, _ body: @escaping () throws -> Success) -> Fiber<Success> {
    guard let hub = Hub.current else { return Fiber(failing: HubError.outside) }
    do {
      return try make(name: name, on: hub, body)
    } catch {
      return Fiber(failing: error)
    }
  }

  /// As ``spawn(name:_:)``, but throws at once where the fiber cannot run.
  package static func make(name: String?, on hub: Hub, _ body: @escaping () throws -> Success) throws -> Fiber<Success>
  {
    let fiber = Fiber(body)
    try hub.start(fiber, name: name)
    return fiber
  }

  /// The fiber's result: waits until the fiber has finished, parking the calling fiber.
  ///
  /// - Throws: the error that the fiber's function threw.
  public var value: Success {
    get throws {
      try waitUntilFinished()
      return try finishedValue()
    }
  }

  func finishedValue() throws -> Success {
    switch outcome {
    case .value(let value): return value
    case .error(let error):
      isErrorRead = true
      throw error
    case .body, .running: throw HubError.outside
    }
  }

  override func main() {
    guard case .body(let body) = outcome else { return }
    outcome = .running
    do {
      outcome = .value(try body())
    } catch {
      outcome = .error(error)
    }
    finish()
  }

  deinit {
    if case .error(let error) = outcome, !isErrorRead { report("failed and nobody asked for its value: \(error)") }
  }
}

extension Fiber where Success == Never {
  /// Parks the calling fiber for at least `duration`. Outside a fiber it blocks the thread, as `sleep` does.
  public static func sleep(for duration: Duration) throws { try sleep(until: .after(duration)) }

  /// Parks the calling fiber until the deadline has passed. Outside a fiber it blocks the thread.
  public static func sleep(until deadline: Deadline) throws {
    guard let (hub, fiber) = Hub.running else { return try BlockedThread.sleep(until: deadline) }
    while !deadline.hasPassed { _ = hub.park(fiber, until: deadline) }
  }

  /// Lets the other fibers that are ready run before this one goes on. Outside a fiber it yields the thread.
  public static func yield() {
    guard let (hub, fiber) = Hub.running else {
      sched_yield()
      return
    }
    hub.yield(fiber)
  }

  /// The fiber that the calling code runs in, `nil` outside fibers.
  public static var current: AnyFiber? {
    Hub.running?.fiber.record.pointee.object?.takeUnretainedValue()
  }
}

/// Any fiber, whatever its result.
public class AnyFiber {
  /// The fiber while it has not finished.
  final var pointer: FiberPointer?
  /// Counts from 1 in each process.
  public private(set) final var id: UInt64 = 0
  private final var lastName = ""
  private final var joiners: [FiberPointer] = []

  fileprivate init() {}

  func main() {}

  /// Whether the fiber's function has returned or thrown.
  public final var isFinished: Bool { pointer == nil }

  /// The fiber's name, for dumps and error reports. Setting it copies at most 63 bytes.
  public final var name: String {
    get { pointer.map { String(cString: green_fiber_name($0)) } ?? lastName }
    set { pointer?.setName(newValue) }
  }

  final func started(as fiber: FiberPointer) {
    pointer = fiber
    id = fiber.pointee.id
  }

  final func waitUntilFinished() throws {
    guard pointer != nil else { return }
    guard let (hub, fiber) = Hub.running else { throw HubError.outside }
    joiners.append(fiber)
    while pointer != nil { _ = hub.park(fiber) }
  }

  /// Called by the fiber as the last thing it does.
  fileprivate final func finish() {
    guard let pointer else { return }
    lastName = name
    let hub = pointer.record.pointee.hub.takeUnretainedValue()
    self.pointer = nil
    for joiner in joiners { hub.ready(joiner) }
    joiners = []
  }

  fileprivate final func report(_ text: String) {
    let name = lastName.isEmpty ? "" : " \"\(lastName)\""
    cglibc_report("greenfinch: fiber \(id)\(name) \(text)")
  }
}
