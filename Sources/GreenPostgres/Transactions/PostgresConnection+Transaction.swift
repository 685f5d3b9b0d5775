internal import Green
internal import GreenTasks

extension PostgresConnection {
  /// Calls `body` in a transaction, which is committed when it returns and rolled back when it throws, whatever the reason,
  /// cancellation and deadlines too. In another transaction it is a savepoint: what `body` did is undone alone.
  ///
  /// Another is one that the calling code is in, or was begun in. While somebody else has a transaction of this connection, it
  /// parks or blocks until that has ended, and so must not be called by an actor that the other needs for its end: that awaits
  /// the `async` form. Statements of others are not kept out: they are part of it.
  ///
  /// - Parameters:
  ///   - isolation: as the server has it where none is given; only of the outermost transaction.
  ///   - body: given this connection.
  /// - Throws: what `body` throws; as ``PostgresQueries``; ``PostgresTransactionError/rolledBack``;
  ///   ``PostgresUsageError/inTransaction``.
  @discardableResult
  public func transaction<Result>(
    isolation: TransactionIsolation? = nil, _ body: (PostgresConnection) throws -> Result
  ) throws -> Result {
    let mine = isInsideTransaction ? nil : try enterTransaction()
    defer { leaveTransaction(mine) }
    let level = try begin(isolation)
    do {
      let result = try OpenTransaction.inside(mine) { try body(self) }
      try commit(level)
      return result
    } catch {
      rollBack(level)
      throw error
    }
  }

  /// As `transaction(isolation:_:)` for an `async` closure. An actor that calls it is free while it waits for somebody else's
  /// transaction, and while its own is begun and committed; to roll back keeps it.
  @discardableResult
  public nonisolated(nonsending) func transaction<Result>(
    isolation: TransactionIsolation? = nil, _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    let isInside = isInsideTransaction
    let (mine, level) = try await Fiber.runExclusively { try self.enterAndBegin(isolation, isInside: isInside) }
    defer { leaveTransaction(mine) }
    do {
      let result = try await OpenTransaction.inside(mine) { try await body(self) }
      try Task.checkCancellation()
      try await Fiber.runExclusively { try self.commit(level) }
      return result
    } catch {
      rollBack(level)
      throw error
    }
  }

  private func enterAndBegin(
    _ isolation: TransactionIsolation?, isInside: Bool
  ) throws -> (mine: OpenTransaction?, level: Int) {
    let mine = isInside ? nil : try enterTransaction()
    do {
      return (mine, try begin(isolation))
    } catch {
      leaveTransaction(mine)
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
    } else if try isCommitted() == false {
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
      try withShield {
        try command(
          level > 0 ? "rollback to savepoint greenfinch_\(level); release savepoint greenfinch_\(level)" : "rollback",
          waiting)
      }
    } catch {
      // What was done is undone by the server when the connection ends.
      if level == 0 { native.setBroken() }
    }
  }

  /// Who is cancelled, or whose time is over, while the server commits hears what has come of it all the same: else what was
  /// written would be taken for undone, and be written again.
  private func isCommitted() throws -> Bool {
    try exclusively { native in
      if isStreaming { throw PostgresUsageError.copying }
      try ParkedFiber.current?.checkInterruption()
      return try native.send("commit", LibPQ.Waiting(patience: .seconds(10))).tag == "COMMIT"
    }
  }
}
