internal import CPQ

/// The rows of a statement as they come: libpq's single-row mode. The connection's turn is taken for each, and not over
/// what the caller does between them.
struct RowStream {
  private let connection: PostgresConnection
  /// Whose columns are those of all others.
  private var first: PostgresResult?
  private(set) var count = 0

  /// Sends the statement.
  init(_ connection: PostgresConnection, _ sql: SQL) throws {
    self.connection = connection
    try connection.beginRows(sql)
  }

  /// Whether ``next()`` waits for nothing, as far as can be seen.
  var isAtHand: Bool { connection.isResultAtHand }

  /// The next row, alone in its result; `nil` after the last.
  mutating func next() throws -> PostgresResult? {
    guard let row = try connection.nextRow(like: first) else { return nil }
    first = first ?? row
    count += 1
    return row
  }
}

extension PostgresConnection {
  fileprivate func beginRows(_ sql: SQL) throws {
    if sql.text.utf8.contains(0) { throw PostgresUsageError.nul }
    let parameters = try ParameterList(sql.values)
    try exclusively { native in
      if isStreaming { throw PostgresUsageError.copying }
      try native.interruptible {
        let isSent = parameters.withPointers {
          PQsendQueryParams(native.pointer, sql.text, $0.count, $0.types, $0.values, $0.lengths, $0.formats, 0)
        }
        guard isSent == 1, PQsetSingleRowMode(native.pointer) == 1 else { throw native.lost() }
        try native.flush(LibPQ.Waiting())
      }
      isStreaming = true
    }
  }

  fileprivate var isResultAtHand: Bool { (try? exclusively { PQisBusy($0.pointer) == 0 }) ?? true }

  fileprivate func nextRow(like other: PostgresResult?) throws -> PostgresResult? {
    try exclusively { native in
      guard let pointer = try native.nextResult(LibPQ.Waiting()) else { throw native.lost() }
      switch PQresultStatus(pointer) {
      case PGRES_SINGLE_TUPLE: return PostgresResult(taking: pointer, like: other)
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
        PQclear(pointer)
        try endRows(native)
        return nil
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        PQclear(pointer)
        throw PostgresUsageError.notCopy("for stream: use copyIn or copyOut")
      default:
        // The statement has ended with it: there is nothing to stop.
        let error = PostgresError(pointer)
        PQclear(pointer)
        try endRows(native)
        throw error
      }
    }
  }

  private func endRows(_ native: LibPQ) throws {
    while let pointer = try native.nextResult(LibPQ.Waiting()) { PQclear(pointer) }
    isStreaming = false
  }
}
