extension Postgres {
  /// As `copyOut(_:_:)`, on a connection of the pool.
  @discardableResult
  public func copyOut(_ sql: SQL, _ body: ([UInt8]) throws -> Void) throws -> Int {
    try withConnection { try $0.copyOut(sql, body) }
  }

  /// As `copyIn(_:_:)`, on a connection of the pool.
  @discardableResult
  public func copyIn(_ sql: SQL, _ body: (PostgresCopy) throws -> Void) throws -> Int {
    try withConnection { try $0.copyIn(sql, body) }
  }
}
