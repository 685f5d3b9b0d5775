internal import Green
internal import GreenTasks

extension PostgresConnection {
  /// Carries out a statement and calls `body` with each row as it comes, decoded as by `query(_:as:)`: however many
  /// there are, one is in memory, and some kilobytes that have come already. The connection can do nothing else
  /// meanwhile.
  ///
  /// ```swift
  /// try connection.stream("select id, title from notes", as: Note.self) { note in try body.write("\(note.title)\n") }
  /// ```
  ///
  /// While `body` waits, the server does. Rows that came before the statement failed have been handed over then.
  ///
  /// - Returns: how many rows there were.
  /// - Throws: as ``PostgresQueries``; what `body` throws, which ends the statement.
  @discardableResult
  public func stream<Row: Decodable>(_ sql: SQL, as type: Row.Type = Row.self, _ body: (Row) throws -> Void) throws
    -> Int
  {
    var rows = try RowStream(self, sql)
    do {
      while let row = try rows.next() { try body(RowDecoder.decode(type, row, row: 0)) }
      return rows.count
    } catch {
      abandonStream()
      throw error
    }
  }

  /// As `stream(_:as:_:)` for an `async` closure. An actor that calls it is free while a row is waited for.
  @discardableResult
  public nonisolated(nonsending) func stream<Row: Decodable & Sendable>(
    _ sql: SQL, as type: Row.Type = Row.self, _ body: (Row) async throws -> Void
  ) async throws -> Int {
    var rows = try await Fiber.runExclusively { try RowStream(self, sql) }
    do {
      // Most rows have come with the one before.
      while let row = rows.isAtHand ? try rows.next() : try await Fiber.runExclusively({ try rows.next() }) {
        try Task.checkCancellation()
        try await body(RowDecoder.decode(type, row, row: 0))
      }
      return rows.count
    } catch {
      abandonStream()
      throw error
    }
  }
}
