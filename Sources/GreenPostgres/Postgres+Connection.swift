internal import Green
internal import GreenTasks

extension Postgres {
  /// Calls `body` with a connection that nobody else uses meanwhile: for settings of the session, for temporary tables.
  ///
  /// What it is left in goes on to the next who gets the connection, but never a transaction.
  @discardableResult
  public func withConnection<Result>(_ body: (PostgresConnection) throws -> Result) throws -> Result {
    try pool.withConnection { connection in
      defer { connection.endForgottenTransaction() }
      return try body(connection)
    }
  }

  /// As `withConnection(_:)` for an `async` closure.
  @discardableResult
  public nonisolated(nonsending) func withConnection<Result>(
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    try await pool.withConnection { connection in
      defer { connection.endForgottenTransaction() }
      return try await body(connection)
    }
  }
}

extension PostgresConnection {
  /// A transaction that was begun by hand and left open would be the next one's.
  func endForgottenTransaction() {
    guard native.isOwn, !native.isBroken, !isClosed, native.isInTransaction else { return }
    try? command("rollback", LibPQ.Waiting(deadline: .after(.seconds(5)), isShielded: true))
  }
}
