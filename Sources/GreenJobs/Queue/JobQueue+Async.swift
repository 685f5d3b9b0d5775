internal import Green
internal import GreenTasks

extension JobQueue {
  /// As `handle(_:_:)` for an `async` function.
  public func handle<Payload>(_ kind: JobKind<Payload>, _ body: @escaping @Sendable (Payload, Job) async throws -> Void)
  {
    handle(kind) { payload, job throws -> Void in try Fiber.await { try await body(payload, job) } }
  }
}
