internal import CPQ
public import Green

/// One connection to a PostgreSQL server: one session, with its transactions and settings.
///
/// A ``Postgres`` hands them out by `withConnection(_:)` and `transaction(isolation:_:)`.
/// Fibers, threads and tasks may share one: its statements are then carried out one after the other, and so are their
/// transactions. A statement by somebody who is not in the transaction is part of it all the same, and fails while rows are copied
/// or streamed: who does more than one at a time takes a connection of the pool for each.
///
/// Unsafe as `Sendable`: what changes is used by one at a time, who has its turn.
public final class PostgresConnection: @unchecked Sendable {
  let native: LibPQ
  private let turn = Semaphore(1)
  var statements: StatementCache
  /// Whether rows are being copied or handed over one by one: nothing else can be done until that has ended.
  var isStreaming = false
  var isClosed = false
  /// How many transactions there are, one in the other.
  var depth = 0
  /// For the outermost: one after the other.
  let transactions = Semaphore(1)
  let openTransaction = Guarded<OpenTransaction?>(nil)

  init(_ native: LibPQ, statementCache: Int) {
    self.native = native
    statements = StatementCache(capacity: statementCache)
  }

  deinit { if !isClosed { native.finish() } }

  /// Calls `body` when nobody else uses the connection.
  func exclusively<Result>(_ waiting: LibPQ.Waiting = LibPQ.Waiting(), _ body: (LibPQ) throws -> Result) throws
    -> Result
  {
    // Before the turn: it may have been taken by one who is not in this process.
    guard native.isOwn else { throw PostgresConnectionError.inherited }
    if waiting.isShielded {
      try withShield { try turn.wait(until: waiting.deadline) }
    } else {
      try turn.wait(until: waiting.deadline)
    }
    defer { turn.signal() }
    if isClosed { throw PostgresConnectionError.closed }
    if native.isBroken { throw PostgresConnectionError.lost(native.message) }
    return try body(native)
  }

  /// Ends the connection, when the statement that is under way has ended.
  public func close() {
    guard native.isOwn else { return }
    withShield { try? turn.wait() }
    defer { turn.signal() }
    if isClosed { return }
    isClosed = true
    native.finish()
  }
}

extension PostgresConnection: PooledConnection {
  /// Whether it is as it was when it was opened: not in a transaction, and the server still there.
  public func isUsable() -> Bool {
    guard native.isOwn, turn.waitIfAvailable() else { return false }
    defer { turn.signal() }
    return !isClosed && !isStreaming && depth == 0 && !native.isBroken && !native.isInTransaction && !native.hasEnded
  }
}
