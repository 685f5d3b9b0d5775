internal import CFiber
internal import Glibc

/// A green thread: a function with a stack of its own, which runs on its hub's thread and gives that thread to others
/// whenever it waits. It is written as ordinary blocking code.
///
/// `Fiber` mirrors `Task`: ``spawn(name:priority:file:line:_:)`` starts one, ``value`` waits for its result,
/// ``AnyFiber/cancel(cause:)`` tells it to end.
///
/// A fiber costs its stack's touched pages (4 KB at least), and a switch some twenty nanoseconds. Code that computes
/// without ever waiting keeps the thread to itself: call ``yield()`` in it now and then.
public final class Fiber<Success>: AnyFiber {
  @exclusivity(unchecked) private var body: (() throws -> Success)?
  @exclusivity(unchecked) private var returned = ReturnedValue()

  init(_ body: consuming @escaping () throws -> Success) { self.body = body }

  deinit { returned.destroy(Success.self) }

  /// Starts a fiber on the calling thread's hub. It runs once those that are ready already have had their turn. It
  /// inherits the calling fiber's deadline, its ``FiberLocal`` values and its task-locals.
  ///
  /// - Parameters:
  ///   - name: shown in dumps and error reports; cut to 63 bytes of UTF-8.
  ///   - priority: a fiber in the background runs when no other is ready.
  ///   - file: where it was spawned, for reports.
  ///   - line: the line of `file`.
  ///   - body: what the fiber runs; what it returns or throws is the fiber's ``value``.
  /// - Returns: the fiber. Where it cannot run, on a thread without a hub or when no stack can be had, it has finished
  ///   already and its ``value`` throws ``HubError/outside`` or ``HubError/stacks(_:)``.
  @discardableResult
  public static func spawn(
    name: String? = nil, priority: FiberPriority = .normal, file: StaticString = #fileID, line: UInt = #line,
    _ body: consuming @escaping () throws -> Success
  ) -> Fiber<Success> {
    spawn(name: name, priority: priority, isolation: .shared, site: SpawnSite(file, line), body)
  }

  static func spawn(
    name: String?, priority: FiberPriority, isolation: FiberIsolation, site: SpawnSite,
    _ body: consuming @escaping () throws -> Success
  ) -> Fiber<Success> {
    let fiber = self.init(body)
    do {
      try fiber.start(name: name, priority: priority, isolation: isolation, site: site)
    } catch {
      fiber.body = nil
      fiber.error = error
    }
    return fiber
  }

  /// As ``spawn(name:priority:file:line:_:)``, but throws at once where the fiber cannot run.
  static func make(
    name: String? = nil, file: StaticString = #fileID, line: UInt = #line, _ body: @escaping () throws -> Success
  ) throws -> Fiber<Success> {
    let fiber = self.init(body)
    try fiber.start(name: name, priority: .normal, site: SpawnSite(file, line))
    return fiber
  }

  /// As ``spawn(name:priority:file:line:_:)`` for other languages; `file` ends with a zero and is never freed.
  package static func spawn(
    isolation: FiberIsolation, name: String?, file: UnsafePointer<UInt8>, line: UInt32,
    _ body: @escaping () throws -> Success
  ) throws -> Fiber<Success> {
    let fiber = self.init(body)
    try fiber.start(name: name, priority: .normal, isolation: isolation, site: SpawnSite(pointingTo: file, line))
    return fiber
  }

  private func start(
    name: String?, priority: FiberPriority, isolation: FiberIsolation = .shared, site: SpawnSite
  ) throws {
    guard let hub = cfiber_current()?.record.pointee.hub else { throw HubError.outside }
    if let task = InheritedTask.capture(), let body { self.body = { try task.run(body) } }
    try hub.start(self, name: name, priority: priority, isolation: isolation, site: site)
  }

  /// The fiber's result: waits until the fiber has finished, parking the calling fiber.
  ///
  /// - Throws: the error that the fiber's function threw; `CancellationError` when the fiber was cancelled before it
  ///   began, or when the calling fiber is cancelled while it waits.
  public var value: Success {
    get throws {
      try join()
      return try finishedValue()
    }
  }

  /// As ``value``, but waits no longer than the deadline.
  ///
  /// - Throws: `Errno.timedOut` when the fiber has not finished by then; it goes on.
  public func value(until deadline: Deadline) throws -> Success {
    try join(until: deadline)
    return try finishedValue()
  }

  /// The result of a fiber that has finished, `nil` before. Never parks.
  public var result: Result<Success, any Error>? {
    guard isFinished else { return nil }
    return Result { try finishedValue() }
  }

  func finishedValue() throws -> Success {
    if let error {
      isErrorRead = true
      throw error
    }
    guard returned.isThere else { throw HubError.outside }
    return returned.value(Success.self)
  }

  override func main() {
    guard let body else { return }
    do {
      returned.initialize(to: try body())
    } catch {
      self.error = error
    }
    self.body = nil
  }

  override func dropBody() { body = nil }
}

extension Fiber where Success == Never {
  /// Parks the calling fiber for at least `duration`. Outside a fiber it blocks the thread, as `sleep` does.
  ///
  /// - Throws: `CancellationError` when the fiber is cancelled, ``TimeoutError`` at the deadline of an enclosing scope.
  public static func sleep(for duration: Duration) throws { try sleep(until: .after(duration)) }

  /// Parks the calling fiber until the deadline has passed. Outside a fiber it blocks the thread.
  public static func sleep(until deadline: Deadline) throws {
    guard let (hub, fiber) = Hub.running else { return try BlockedThread.sleep(until: deadline) }
    // Others have their turn: code may ask again and again for no time.
    if deadline.hasPassed { return hub.yield(fiber) }
    while !deadline.hasPassed {
      let wake = hub.park(fiber, until: deadline, for: WaitReason(.sleep))
      if wake.isInterruption { try wake.check() }
    }
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

  /// Whether the calling fiber has been cancelled; `false` outside fibers. Code that computes for long asks this.
  public static var isCancelled: Bool {
    Hub.running?.fiber.record.pointee.interruptions.contains(.cancelled) ?? false
  }

  /// Throws what a wait would throw now: `CancellationError` when the calling fiber has been cancelled,
  /// ``TimeoutError`` when the deadline of an enclosing scope has passed. Does not park.
  public static func checkCancellation() throws {
    guard let (_, fiber) = Hub.running, !fiber.record.pointee.interruptions.isEmpty else { return }
    if isCancelled { throw CancellationError() }
    if currentDeadline.hasPassed { throw TimeoutError(deadline: currentDeadline) }
  }

  /// When the innermost ``withDeadline(_:_:)`` around the calling code ends, ``Deadline/never`` outside one.
  public static var currentDeadline: Deadline {
    Deadline(nanoseconds: Hub.running?.fiber.record.pointee.scopeDeadline ?? .max)
  }
}
