public import Green

extension Fiber where Success == Never {
  /// Runs `async` code and waits for its end: the door from fibers to tasks.
  ///
  /// ```swift
  /// let page = try Fiber.await { try await client.get(url) }
  /// ```
  ///
  /// The code begins at once, on the calling fiber; when it does not suspend, nothing is parked and nothing switched. When
  /// it does, the fiber parks, and the rest runs on the same thread in the fibers of tasks. Task-locals and the priority
  /// carry over. Cancelling the calling fiber, or a scope's deadline, cancels the task, and what that awaits by this in turn; the
  /// fiber goes on when it has ended. Other blocking code of the task is reached where it is called by ``run(_:)``.
  ///
  /// On a thread without a hub the code runs on the process's hub for tasks, and the thread blocks until its end.
  ///
  /// - Throws: what `body` throws; ``/Green/TimeoutError`` where a scope's deadline ended it by cancelling;
  ///   ``/Green/HubError/outside`` where the hub itself calls it, between its fibers, which could only wait for itself. Tasks do
  ///   so where the Swift runtime's state cannot be kept apart for each fiber.
  @inlinable
  public static func `await`<Value>(_ body: @escaping () async throws -> Value) throws -> Value {
    // Unsafe: the caller waits until the body has ended, and goes on with its result alone.
    nonisolated(unsafe) let body = body
    nonisolated(unsafe) var result: Result<Value, any Error>?
    let call = AwaitedCall()
    let timeout = try call.run {
      do {
        result = .success(try await body())
      } catch {
        result = .failure(error)
      }
      call.finish()
    }
    if let timeout, case .failure(let failure) = result, failure is CancellationError { throw timeout }
    return try result!.get()
  }
}

/// One call of ``Fiber/await(_:)``: all of it that does not depend on the type of its value.
@usableFromInline
final class AwaitedCall: @unchecked Sendable {
  // Unsafe: used on the hub's thread, or by two threads in the order that the event gives.
  @exclusivity(unchecked) private(set) var hasEnded = false
  @exclusivity(unchecked) private var waiting: ParkedFiber?
  @exclusivity(unchecked) private var ended: Event?
  @exclusivity(unchecked) private var onFirstThread: MainQueueWait?
  /// The hub of the calling fiber.
  @exclusivity(unchecked) private var hub: ObjectIdentifier?
  /// The blocking code in the call's tasks, as long as it runs, and whether they were cancelled. On that hub alone.
  @exclusivity(unchecked) var followers: [TaskFollower] = []
  @exclusivity(unchecked) var isCancelled = false
  /// Whether that was because of the deadline, which is the calling fiber's.
  @exclusivity(unchecked) var isTimeOver = false
  @exclusivity(unchecked) private(set) var deadline = Deadline.never

  @usableFromInline
  init() {}

  /// The last thing that the operation does.
  @usableFromInline
  func finish() {
    hasEnded = true
    waiting?.wake()
    onFirstThread?.end()
    ended?.set()
  }

  /// Runs the operation to its end.
  ///
  /// - Returns: the error that ended it by cancelling, where a scope's deadline did; `nil` otherwise.
  @usableFromInline
  func run(_ operation: @escaping @Sendable () async -> Void) throws -> TimeoutError? {
    guard let fiber = ParkedFiber.current else {
      try runElsewhere(operation)
      return nil
    }
    // The calling code may be a task's own.
    return Self.following { run(operation, in: fiber) }
  }

  private func run(_ operation: @escaping @Sendable () async -> Void, in fiber: ParkedFiber) -> TimeoutError? {
    let hub = fiber.owner
    let hasOwnExecutors = TaskRuntime.mode == .process
    // Else the main actor is the Swift runtime's, whose jobs come by libdispatch's main queue. Code at a program's top
    // level is the main actor's.
    if !hasOwnExecutors { hub.serveMainQueue() }
    let isAtHome = hasOwnExecutors && ProcessExecutor.shared.homeExecutor?.isHere == true
    let preference: HubExecutor? = isAtHome ? nil : hub.executor
    let priority: TaskPriority? = Fiber.current?.priority == .background ? .background : nil
    self.hub = ObjectIdentifier(hub)
    deadline = Fiber.currentDeadline
    let task: Task<Void, Never> = Self.$current.withValue(self) {
      hub.keepsTasksApart
        ? Task.immediate(priority: priority, executorPreference: preference, operation: operation)
        : Task(executorPreference: preference, priority: priority, operation: operation)
    }
    return hasEnded ? nil : wait(for: task, in: fiber)
  }

  private func wait(for task: Task<Void, Never>, in fiber: ParkedFiber) -> TimeoutError? {
    waiting = fiber
    do {
      // Before the first park, which would let the task go on for a while first.
      try fiber.checkInterruption()
      while !hasEnded { try fiber.park() }
      return nil
    } catch {
      task.cancel()
      cancelFollowers(isTimeOver: error is TimeoutError)
      while !hasEnded { fiber.parkUninterrupted() }
      return error as? TimeoutError
    }
  }

  /// Whether its fiber is of that hub.
  func isOf(_ other: Hub?) -> Bool { other.map { ObjectIdentifier($0) == hub } ?? false }

  private func runElsewhere(_ operation: @escaping @Sendable () async -> Void) throws {
    // The hub itself, where it runs tasks between its fibers: it would wait for what only it can do.
    if Hub.current != nil { throw HubError.outside }
    let event = Event()
    ended = event
    onFirstThread = MainQueueWait()
    var home = try TaskRuntime.home()
    // A hub stays as long as it has a fiber, and not for a task.
    if home.endsByItself && !home.spawn(name: "awaited", { self.keepHub() }) {
      home = try HubThread.forTasks().executor
    }
    Task(executorPreference: home, operation: operation)
    onFirstThread?.wait()
    try event.wait()
  }

  /// Parks a fiber of the hub that runs the operation until its end.
  private func keepHub() {
    guard !hasEnded, let fiber = ParkedFiber.current else { return }
    waiting = fiber
    while !hasEnded { fiber.parkUninterrupted() }
  }
}
