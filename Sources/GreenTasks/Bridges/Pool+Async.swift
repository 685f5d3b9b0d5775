public import Green

extension Pool {
  /// As `init(limit:wait:idleTimeout:lifetime:open:)`, of connections that an `async` function makes.
  public convenience init(
    limit: Int, wait: Duration = .seconds(5), idleTimeout: Duration = .seconds(300),
    lifetime: Duration = .seconds(3600), open: @escaping @Sendable () async throws -> Connection
  ) {
    self.init(limit: limit, wait: wait, idleTimeout: idleTimeout, lifetime: lifetime) { () throws -> Connection in
      try Fiber.await { try await open() }
    }
  }

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
