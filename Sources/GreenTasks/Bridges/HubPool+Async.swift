public import Green

extension HubPool {
  /// Runs blocking code in a fiber of one of the hubs and awaits its end, from any task on any executor. When the task is
  /// cancelled, the fiber is.
  ///
  /// - Parameters:
  ///   - name: shown in dumps and error reports.
  ///   - body: what the fiber runs.
  /// - Throws: what `body` throws; ``/Green/HubError/ended`` after ``/Green/HubPool/stop()``.
  public func run<Success: Sendable>(
    name: String? = nil, _ body: @escaping @Sendable () throws -> Success
  ) async throws -> Success {
    let fiber = spawn(name: name, body)
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in fiber.whenFinished { continuation.resume() } }
    } onCancel: {
      fiber.cancel()
    }
    return try fiber.value
  }
}
