internal import Green
internal import GreenTasks

extension JobQueue {
  /// As `handle(_:_:)` for an `async` function. A job is done when it returns, also where its task was cancelled before: what it
  /// has done would be done again else. Loops over many sequences, `AsyncStream` among them, end without an error then: a handler
  /// with such a loop calls `try Task.checkCancellation()` after it.
  public func handle<Payload>(_ kind: JobKind<Payload>, _ body: @escaping @Sendable (Payload, Job) async throws -> Void)
  {
    handle(kind) { payload, job throws -> Void in try Fiber.await { try await body(payload, job) } }
  }
}
