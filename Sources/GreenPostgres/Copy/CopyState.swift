internal import CPQ

// The steps of a COPY. The connection's turn is taken for each, and not over what the caller does between them.

extension PostgresConnection {
  enum CopyDirection {
    case toClient, toServer

    var status: ExecStatusType { self == .toClient ? PGRES_COPY_OUT : PGRES_COPY_IN }
    var text: String { self == .toClient ? "TO STDOUT" : "FROM STDIN" }
  }

  func beginCopy(_ sql: SQL, _ direction: CopyDirection) throws {
    if !sql.values.isEmpty { throw PostgresUsageError.copyWithValues }
    if sql.text.utf8.contains(0) { throw PostgresUsageError.nul }
    try exclusively { native in
      if isStreaming { throw PostgresUsageError.copying }
      try native.interruptible {
        if PQsendQuery(native.pointer, sql.text) != 1 { throw native.lost() }
        let waiting = LibPQ.Waiting()
        try native.flush(waiting)
        guard let result = try native.nextResult(waiting) else { throw native.lost() }
        if PQresultStatus(result) == direction.status {
          PQclear(result)
          isStreaming = true
          return
        }
        try refuse(result, direction, native)
      }
    }
  }

  /// It was no such COPY, or it failed.
  private func refuse(_ result: OpaquePointer, _ direction: CopyDirection, _ native: LibPQ) throws {
    let failure = PQresultStatus(result) == PGRES_FATAL_ERROR ? PostgresError(result) : nil
    PQclear(result)
    native.stop()
    if let failure { throw failure }
    throw PostgresUsageError.notCopy(direction.text)
  }

  /// Calls `body` with the next piece; `false` after the last.
  func nextCopied() throws -> UnsafeMutableBufferPointer<CChar>? {
    try exclusively { try $0.nextCopied(LibPQ.Waiting()) }
  }

  /// - Returns: how many rows were copied.
  func endCopy(_ direction: CopyDirection) throws -> Int {
    let result = try exclusively { native in
      let waiting = LibPQ.Waiting()
      if direction == .toServer {
        if PQputCopyEnd(native.pointer, nil) < 0 { throw native.lost() }
        try native.flush(waiting)
      }
      defer { isStreaming = false }
      return try native.interruptible { try native.lastResult(waiting) }
    }
    return result.affectedRows
  }

  /// Something was thrown: the server forgets what was copied, or what it would still send. So it does with rows one by one.
  func abandonStream() {
    guard isStreaming else { return }
    try? exclusively(LibPQ.Waiting(deadline: .after(.seconds(10)), isShielded: true)) { $0.stop() }
    isStreaming = false
  }
}
