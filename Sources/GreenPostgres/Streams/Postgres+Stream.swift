internal import GreenTasks

extension Postgres {
  /// As `stream(_:as:_:)` of a connection, on one of the pool, which nobody else has meanwhile.
  @discardableResult
  public func stream<Row: Decodable>(_ sql: SQL, as type: Row.Type = Row.self, _ body: (Row) throws -> Void) throws
    -> Int
  {
    try withConnection { try $0.stream(sql, as: type, body) }
  }

  /// As `stream(_:as:_:)` for an `async` closure.
  @discardableResult
  public nonisolated(nonsending) func stream<Row: Decodable & Sendable>(
    _ sql: SQL, as type: Row.Type = Row.self, _ body: (Row) async throws -> Void
  ) async throws -> Int {
    try await withConnection { try await $0.stream(sql, as: type, body) }
  }
}
