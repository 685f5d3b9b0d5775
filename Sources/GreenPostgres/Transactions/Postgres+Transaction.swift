extension Postgres {
  /// Calls `body` in a transaction on one connection, which is committed when `body` returns, and rolled back when it
  /// throws, whatever the reason, cancellation and deadlines too.
  ///
  /// Statements of the transaction go by the connection that `body` is given: those by the database itself are not part of it.
  @discardableResult
  public func transaction<Result>(
    isolation: TransactionIsolation? = nil, _ body: (PostgresConnection) throws -> Result
  ) throws -> Result {
    try withConnection { try $0.transaction(isolation: isolation, body) }
  }

  /// As `transaction(isolation:_:)` for an `async` closure.
  @discardableResult
  public nonisolated(nonsending) func transaction<Result>(
    isolation: TransactionIsolation? = nil, _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    try await withConnection { try await $0.transaction(isolation: isolation, body) }
  }
}
