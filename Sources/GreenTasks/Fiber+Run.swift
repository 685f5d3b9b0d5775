public import Green

extension Fiber where Success == Never {
  /// Runs blocking code in a fiber and awaits its end: the door from tasks to fibers.
  ///
  /// ```swift
  /// let rows = try await Fiber.run { try connection.query("select …") }
  /// ```
  ///
  /// The code parks where it waits, and other fibers and tasks run. When the task is cancelled, every wait in the code throws
  /// `CancellationError`, or fails with `ECANCELED` in C, until it has returned. Task-locals carry over. An actor that calls
  /// this is free meanwhile.
  ///
  /// Task code may also simply call blocking code where it is on a hub, since tasks run in fibers; this adds that
  /// cancellation reaches it. Called from a task on another executor, it goes to the process's hub for tasks.
  ///
  /// - Throws: what `body` throws.
  @concurrent
  public static func run<Value>(_ body: sending @escaping () throws -> sending Value) async throws -> sending Value {
    // Unsafe: used once, by this task alone.
    nonisolated(unsafe) let body = body
    guard Hub.current != nil else {
      nonisolated(unsafe) let value = try await TaskRuntime.home().run { try body() }
      return value
    }
    return try await runHere(body)
  }

  /// As ``run(_:)``, in the calling task's own fiber; where tasks have none, in a new one.
  fileprivate static func runHere<Value>(_ body: @escaping () throws -> Value) async throws -> Value {
    guard let current = Fiber.current else { return try await runInNewFiber(body) }
    let target = CancellationTarget(current, Hub.current!)
    defer { target.close() }
    return try await withTaskCancellationHandler {
      try body()
    } onCancel: {
      target.cancel()
    }
  }
}

extension Fiber where Success == Never {
  private static func runInNewFiber<Value>(_ body: @escaping () throws -> Value) async throws -> Value {
    let hub = Hub.current!
    // Unsafe: handed over to the fiber, and back when it has ended, on one thread.
    nonisolated(unsafe) let body = body
    nonisolated(unsafe) var result: Result<Value, any Error>?
    let target = CancellationTarget(nil, hub)
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        do {
          try Fiber<Void>.spawnAlone(on: hub, name: "task", priority: .normal) {
            target.open(Fiber.current!)
            result = Result { try body() }
            target.close()
            continuation.resume()
          }
        } catch {
          continuation.resume(throwing: error)
        }
      }
    } onCancel: {
      target.cancel()
    }
    return try result!.get()
  }
}

extension HubExecutor {
  /// Runs blocking code in a fiber of this hub and awaits its end, from any task on any executor. See ``Green/Fiber/run(_:)``.
  ///
  /// - Throws: what `body` throws.
  public func run<Value>(_ body: sending @escaping () throws -> sending Value) async throws -> sending Value {
    // Unsafe: used once, by this task alone, on the hub's thread.
    nonisolated(unsafe) let body = body
    return try await withTaskExecutorPreference(self) {
      nonisolated(unsafe) let value = try await Fiber.runHere(body)
      return value
    }
  }
}

/// The fiber that a cancelled task's blocking code is to be ended in, for as long as it runs.
private final class CancellationTarget: @unchecked Sendable {
  /// Unsafe: used on the hub's thread only.
  private var fiber: AnyFiber?
  private let executor: HubExecutor
  private let door: Hub.Door

  private var isCancelled = false

  init(_ fiber: AnyFiber?, _ hub: Hub) {
    self.fiber = fiber
    executor = hub.executor
    door = hub.door
  }

  func open(_ fiber: AnyFiber) {
    self.fiber = fiber
    if isCancelled { fiber.callOff() }
  }

  /// Jobs of other tasks may follow in the fiber, where they are of the same actor: they are not cancelled.
  func close() {
    if isCancelled { fiber?.takeBackCallOff() }
    fiber = nil
  }

  func cancel() {
    if executor.isHere { return cancelHere() }
    door.post { self.cancelHere() }
  }

  private func cancelHere() {
    isCancelled = true
    fiber?.callOff()
  }
}
