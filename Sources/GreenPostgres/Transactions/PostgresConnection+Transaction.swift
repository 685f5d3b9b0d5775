internal import Green
internal import GreenTasks

extension PostgresConnection {
  /// Calls `body` in a transaction, which is committed when it returns and rolled back when it throws, whatever the reason,
  /// cancellation and deadlines too. In another transaction it is a savepoint: what `body` did is undone alone.
  ///
  /// - Parameters:
  ///   - isolation: as the server has it where none is given; only of the outermost transaction.
  ///   - body: given this connection.
  @discardableResult
  public func transaction<Result>(
    isolation: TransactionIsolation? = nil, _ body: (PostgresConnection) throws -> Result
  ) throws -> Result {
    let level = try begin(isolation)
    do {
      let result = try body(self)
      try commit(level)
      return result
    } catch {
      rollBack(level)
      throw error
    }
  }

  /// As `transaction(isolation:_:)` for an `async` closure. An actor that calls it is free while the transaction is begun and
  /// committed; to roll back keeps it.
  @discardableResult
  public nonisolated(nonsending) func transaction<Result>(
    isolation: TransactionIsolation? = nil, _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    let level = try await Fiber.runExclusively { try self.begin(isolation) }
    do {
      let result = try await body(self)
      try Task.checkCancellation()
      try await Fiber.runExclusively { try self.commit(level) }
      return result
    } catch {
      rollBack(level)
      throw error
    }
  }

  /// - Returns: how many transactions there are around the new one.
  private func begin(_ isolation: TransactionIsolation?) throws -> Int {
    let level = depth
    if level > 0 {
      try command("savepoint greenfinch_\(level)")
    } else {
      try command(isolation.map { "begin isolation level \($0.rawValue)" } ?? "begin")
    }
    depth = level + 1
    return level
  }

  private func commit(_ level: Int) throws {
    if level > 0 {
      try command("release savepoint greenfinch_\(level)")
    } else if try execute("commit", expecting: "COMMIT") == false {
      // A statement failed, and the body made nothing of it: the server has rolled back, and says so instead.
      throw PostgresTransactionError.rolledBack
    }
    depth = level
  }

  private func rollBack(_ level: Int) {
    guard depth > level || native.isInTransaction else { return }
    depth = level
    let waiting = LibPQ.Waiting(deadline: .after(.seconds(5)), isShielded: true)
    do {
      try command(
        level > 0 ? "rollback to savepoint greenfinch_\(level); release savepoint greenfinch_\(level)" : "rollback",
        waiting)
    } catch {
      // What was done is undone by the server when the connection ends.
      if level == 0 { native.setBroken() }
    }
  }

  private func execute(_ text: String, expecting tag: String) throws -> Bool {
    try exclusively { native in
      if isStreaming { throw PostgresUsageError.copying }
      return try native.send(text, LibPQ.Waiting()).tag == tag
    }
  }
}
