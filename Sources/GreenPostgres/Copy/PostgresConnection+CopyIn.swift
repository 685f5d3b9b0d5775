internal import Green
internal import GreenTasks

extension PostgresConnection {
  /// Carries out a `COPY … FROM STDIN` with the rows that `body` writes. What it writes goes to the server as it comes.
  /// The connection can do nothing else meanwhile.
  ///
  /// ```swift
  /// try connection.copyIn("copy notes (id, title) from stdin") { copy in
  ///   for note in notes { try copy.row(note.id, note.title) }
  /// }
  /// ```
  ///
  /// - Returns: how many rows were written.
  /// - Throws: as ``PostgresQueries``; what `body` throws, and no row was written then.
  @discardableResult
  public func copyIn(_ sql: SQL, _ body: (PostgresCopy) throws -> Void) throws -> Int {
    try beginCopy(sql, .toServer)
    do {
      try body(PostgresCopy(self))
      return try endCopy(.toServer)
    } catch {
      abandonStream()
      throw error
    }
  }

  /// As `copyIn(_:_:)` for an `async` closure.
  @discardableResult
  public nonisolated(nonsending) func copyIn(_ sql: SQL, _ body: (PostgresCopy) async throws -> Void) async throws
    -> Int
  {
    try await Fiber.runExclusively { try self.beginCopy(sql, .toServer) }
    do {
      try await body(PostgresCopy(self))
      return try await Fiber.runExclusively { try self.endCopy(.toServer) }
    } catch {
      abandonStream()
      throw error
    }
  }
}
