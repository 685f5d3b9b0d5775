public import Green

extension Pool {
  /// As `withConnection(until:_:)` for an `async` closure: the task waits for a connection and its thread does not, and
  /// cancelling the task ends the wait.
  @discardableResult
  public nonisolated(nonsending) func withConnection<Result>(
    until deadline: Deadline = .never, _ body: (Connection) async throws -> Result
  ) async throws -> Result {
    let lease = try await Fiber.run { try self.lease(until: deadline) }
    defer { lease.end() }
    return try await body(lease.connection)
  }
}
