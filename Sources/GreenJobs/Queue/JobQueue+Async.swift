internal import Green
internal import GreenTasks

extension JobQueue {
  /// As `handle(_:_:)` for an `async` function. A job whose task was cancelled is not done, also where the function returns:
  /// loops over many sequences end without an error then.
  public func handle<Payload>(_ kind: JobKind<Payload>, _ body: @escaping @Sendable (Payload, Job) async throws -> Void)
  {
    handle(kind) { payload, job throws -> Void in
      try Fiber.await { try await body(payload, job) }
      try Fiber.checkCancellation()
    }
  }
}
