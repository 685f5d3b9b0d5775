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
  /// carry over. Cancelling the calling fiber, or a scope's deadline, cancels the task; the fiber goes on when it has ended.
  ///
  /// On a thread without a hub the code runs on the process's hub for tasks, and the thread blocks until its end.
  ///
  /// - Throws: what `body` throws; ``TimeoutError`` where a scope's deadline ended it by cancelling.
  public static func `await`<Value>(_ body: @escaping () async throws -> Value) throws -> Value {
    let call = AwaitedCall<Value>()
    // Unsafe: the caller waits until the body has ended, and goes on with its result alone.
    nonisolated(unsafe) let body = body
    let operation: @Sendable () async -> Void = {
      do {
        call.finish(.success(try await body()))
      } catch {
        call.finish(.failure(error))
      }
    }
    guard let fiber = ParkedFiber.current else { return try call.blockUntilEnd(operation) }
    let isAtHome = TaskRuntime.mode == .process && ProcessExecutor.shared.homeExecutor?.isHere == true
    let preference: HubExecutor? = isAtHome ? nil : fiber.owner.executor
    let priority: TaskPriority? = Fiber.current?.priority == .background ? .background : nil
    let task =
      fiber.owner.keepsTasksApart
      ? Task.immediate(priority: priority, executorPreference: preference, operation: operation)
      : Task(executorPreference: preference, priority: priority, operation: operation)
    return try call.value(of: task, in: fiber)
  }
}

/// One call of ``Fiber/await(_:)``.
private final class AwaitedCall<Value>: @unchecked Sendable {
  /// Unsafe: written by the task, read when it has ended; both on the hub's thread, or in that order by the event.
  private var result: Result<Value, any Error>?
  private var waiting: ParkedFiber?
  private var ended: Event?

  func finish(_ result: Result<Value, any Error>) {
    self.result = result
    waiting?.wake()
    ended?.set()
  }

  func value(of task: Task<Void, Never>, in fiber: ParkedFiber) throws -> Value {
    if let result { return try result.get() }
    waiting = fiber
    do {
      // Before the first park, which would let the task go on for a while first.
      try fiber.checkInterruption()
      while result == nil { try fiber.park() }
    } catch {
      task.cancel()
      while result == nil { fiber.parkUninterrupted() }
      if error is TimeoutError, case .failure(let failure) = result, failure is CancellationError { throw error }
    }
    return try result!.get()
  }

  func blockUntilEnd(_ operation: @escaping @Sendable () async -> Void) throws -> Value {
    let event = Event()
    ended = event
    Task(executorPreference: try TaskRuntime.home(), operation: operation)
    try event.wait()
    return try result!.get()
  }
}
