extension Postgres {
  /// As `copyOut(_:_:)`, on a connection of the pool.
  @discardableResult
  public func copyOut(_ sql: SQL, _ body: ([UInt8]) throws -> Void) throws -> Int {
    try withConnection { try $0.copyOut(sql, body) }
  }

  /// As `copyOut(_:_:)` for an `async` closure.
  @discardableResult
  public nonisolated(nonsending) func copyOut(_ sql: SQL, _ body: ([UInt8]) async throws -> Void) async throws -> Int {
    try await withConnection { try await $0.copyOut(sql, body) }
  }

  /// As `copyIn(_:_:)`, on a connection of the pool.
  @discardableResult
  public func copyIn(_ sql: SQL, _ body: (PostgresCopy) throws -> Void) throws -> Int {
    try withConnection { try $0.copyIn(sql, body) }
  }

  /// As `copyIn(_:_:)` for an `async` closure.
  @discardableResult
  public nonisolated(nonsending) func copyIn(
    _ sql: SQL, _ body: (PostgresCopy) async throws -> Void
  ) async throws -> Int {
    try await withConnection { try await $0.copyIn(sql, body) }
  }
}
