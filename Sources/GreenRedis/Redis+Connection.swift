internal import Green
internal import GreenTasks

extension Redis {
  /// Calls `body` with a connection that nobody else uses meanwhile.
  @discardableResult
  public func withConnection<Result>(_ body: (RedisConnection) throws -> Result) throws -> Result {
    try pool.withConnection(body)
  }

  /// As `withConnection(_:)` for an `async` closure.
  @discardableResult
  public nonisolated(nonsending) func withConnection<Result>(_ body: (RedisConnection) async throws -> Result)
    async throws
    -> Result
  {
    try await pool.withConnection(body)
  }
}
