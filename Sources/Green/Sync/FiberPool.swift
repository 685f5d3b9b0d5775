/// Fibers of the calling hub, of which at most so many run at once: the next waits until there is room.
///
/// ```swift
/// let pool = FiberPool(limit: 20)
/// let pages = try pool.map(urls) { try fetch($0) }
/// ```
///
/// Unlike a ``withFiberGroup(of:limit:_:)``, a pool may live as long as the program, and several use it at once; they get
/// room in the order in which they asked. Without a limit it is a set of fibers to be waited for or cancelled together.
/// It belongs to its hub's thread.
public final class FiberPool {
  /// How many fibers of the pool run at most.
  public let limit: Int
  private let room: Semaphore
  private let empty = Event(isSet: true)
  private var running: [ObjectIdentifier: (fiber: AnyFiber, observer: UInt64)] = [:]

  /// A pool in which at most `limit` fibers run at once; `limit` is at least 1.
  public init(limit: Int = .max) {
    requirement(limit > 0, "a pool must have room for one fiber at least")
    self.limit = limit
    room = Semaphore(limit, limit: limit)
  }

  // MARK: What there is

  /// The fibers of the pool that have not finished, the oldest first.
  public var fibers: [AnyFiber] { running.values.map(\.fiber).sorted { $0.id < $1.id } }

  /// How many fibers of the pool have not finished.
  public var count: Int { running.count }

  /// How many more would start at once.
  public var freeCount: Int { room.available }

  /// Whether the next ``spawn(name:priority:until:file:line:_:)`` would have to wait.
  public var isFull: Bool { freeCount == 0 }

  /// Whether the fiber is one of the pool's and has not finished.
  public func contains(_ fiber: AnyFiber) -> Bool { running[ObjectIdentifier(fiber)] != nil }

  // MARK: Fibers of the pool

  /// Starts a fiber of the pool. Parks while the pool is full.
  ///
  /// The fiber is its own: its error is for those who ask for its ``Fiber/value``, and cancelling the caller does not
  /// cancel it.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait;
  ///   ``HubError/stacks(_:)``.
  @discardableResult
  public func spawn<Success>(
    name: String? = nil, priority: FiberPriority = .normal, until deadline: Deadline = .never,
    file: StaticString = #fileID, line: UInt = #line, _ body: @escaping () throws -> Success
  ) throws -> Fiber<Success> {
    try room.wait(until: deadline)
    return try start(name, priority, file, line, body)
  }

  /// As ``spawn(name:priority:until:file:line:_:)`` if there is room, else `nil` at once.
  public func trySpawn<Success>(
    name: String? = nil, priority: FiberPriority = .normal, file: StaticString = #fileID, line: UInt = #line,
    _ body: @escaping () throws -> Success
  ) throws -> Fiber<Success>? {
    guard room.waitIfAvailable() else { return nil }
    return try start(name, priority, file, line, body)
  }

  private func start<Success>(
    _ name: String?, _ priority: FiberPriority, _ file: StaticString, _ line: UInt,
    _ body: @escaping () throws -> Success
  ) throws -> Fiber<Success> {
    let fiber = Fiber.spawn(name: name, priority: priority, file: file, line: line, body)
    if fiber.isFinished {
      // It could not be started.
      room.signal()
      _ = try fiber.value
    }
    keep(fiber)
    return fiber
  }

  /// Makes a fiber that was spawned elsewhere one of the pool. Parks while the pool is full. Does nothing when it is one
  /// already, or has finished.
  ///
  /// - Throws: as ``spawn(name:priority:until:file:line:_:)``.
  public func add(_ fiber: AnyFiber, until deadline: Deadline = .never) throws {
    guard !fiber.isFinished, !contains(fiber) else { return }
    try room.wait(until: deadline)
    guard !fiber.isFinished, !contains(fiber) else { return room.signal() }
    keep(fiber)
  }

  /// Lets a fiber go: it runs on, and its room is free for another.
  public func discard(_ fiber: AnyFiber) {
    guard let (_, observer) = running.removeValue(forKey: ObjectIdentifier(fiber)) else { return }
    fiber.forgetObserver(observer)
    room.signal()
    if running.isEmpty { empty.set() }
  }

  private func keep(_ fiber: AnyFiber) {
    running[ObjectIdentifier(fiber)] = (fiber, fiber.observe { self.discard($0) })
    empty.clear()
  }

  // MARK: All of them

  /// Waits until there is room for another fiber. Parks. Somebody else may have taken it by the time that it is used.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait.
  public func waitForRoom(until deadline: Deadline = .never) throws {
    try room.wait(until: deadline)
    room.signal()
  }

  /// Waits until no fiber of the pool runs, those that are added meanwhile included. Parks. It does not matter whether
  /// they succeeded.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait.
  public func join(until deadline: Deadline = .never) throws { try empty.wait(until: deadline) }

  /// Cancels every fiber of the pool. Returns at once: ``join(until:)`` waits for their end. More can be spawned.
  public func cancelAll(cause: (any Error)? = nil) {
    for fiber in fibers { fiber.cancel(cause: cause) }
  }
}
