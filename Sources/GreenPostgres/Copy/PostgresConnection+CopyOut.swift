internal import CPQ
internal import Green
internal import GreenTasks

extension PostgresConnection {
  /// Carries out a `COPY … TO STDOUT` and calls `body` with each piece of what comes, mostly a row, as it comes:
  /// however much it is, one piece is in memory. The connection can do nothing else meanwhile.
  ///
  /// ```swift
  /// try connection.copyOut("copy notes to stdout (format csv)") { row in try body.write(row) }
  /// ```
  ///
  /// - Returns: how many rows there were.
  /// - Throws: as ``PostgresQueries``; what `body` throws, which ends the copy.
  @discardableResult
  public func copyOut(_ sql: SQL, _ body: ([UInt8]) throws -> Void) throws -> Int {
    try beginCopy(sql, .toClient)
    do {
      while let bytes = try nextBytes() { try body(bytes) }
      return try endCopy(.toClient)
    } catch {
      abandonStream()
      throw error
    }
  }

  /// As `copyOut(_:_:)` for an `async` closure.
  @discardableResult
  public nonisolated(nonsending) func copyOut(_ sql: SQL, _ body: ([UInt8]) async throws -> Void) async throws -> Int {
    try await Fiber.runExclusively { try self.beginCopy(sql, .toClient) }
    do {
      while let bytes = try await bytesInTask() { try await body(bytes) }
      return try await Fiber.runExclusively { try self.endCopy(.toClient) }
    } catch {
      abandonStream()
      throw error
    }
  }

  private func nextBytes() throws -> [UInt8]? {
    guard let piece = try nextCopied() else { return nil }
    return Self.taken(piece)
  }

  /// Most pieces have come with the one before.
  private nonisolated(nonsending) func bytesInTask() async throws -> [UInt8]? {
    try Task.checkCancellation()
    let copied = try exclusively { try $0.copiedAtHand() }
    switch copied {
    case .piece(let piece): return Self.taken(piece)
    case .end: return nil
    case .notYet: return try await Fiber.runExclusively { try self.nextBytes() }
    }
  }

  private static func taken(_ piece: UnsafeMutableBufferPointer<CChar>) -> [UInt8] {
    defer { PQfreemem(piece.baseAddress) }
    return [UInt8](UnsafeRawBufferPointer(piece))
  }
}
