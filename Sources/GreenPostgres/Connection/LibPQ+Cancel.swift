internal import CPQ
internal import Green

extension LibPQ {
  /// Calls `body`, which talks to the server. Where a wait in it ends early, by a deadline or because the caller was
  /// cancelled, the server is told to stop, and what it still says is read away, so that the connection can be used on.
  func interruptible<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error where error.isAnswer || isBroken {
      throw error
    } catch {
      withShield { stop() }
      throw error
    }
  }

  /// Five seconds for the server to hear of it and to answer; else the connection is given up.
  func stop() {
    let waiting = Waiting(deadline: .after(.seconds(5)), isShielded: true)
    do {
      try cancel(until: waiting.deadline)
      try flush(waiting)
      while let result = try nextResult(waiting) {
        let status = PQresultStatus(result)
        PQclear(result)
        if status == PGRES_COPY_IN || status == PGRES_COPY_BOTH {
          if PQputCopyEnd(pointer, "the copy was given up") < 0 { throw lost() }
          try flush(waiting)
        } else if status == PGRES_COPY_OUT {
          while let bytes = try nextCopied(waiting) { PQfreemem(bytes.baseAddress) }
        }
      }
    } catch {
      setBroken()
    }
  }

  /// Asks the server to end the statement. libpq connects for that once more, and blocks: a thread waits for it.
  private func cancel(until deadline: Deadline) throws {
    let request = CancelRequest(PQgetCancel(pointer))
    try offload(until: deadline) { request.send() }
  }
}

/// What libpq needs to have a statement cancelled.
///
/// Unsafe as `Sendable`: libpq reads it only, and says that any thread may.
private final class CancelRequest: @unchecked Sendable {
  private let pointer: OpaquePointer?

  init(_ pointer: OpaquePointer?) { self.pointer = pointer }

  deinit { PQfreeCancel(pointer) }

  func send() {
    // Where it fails, the statement goes on, and the wait for its end is limited.
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
      _ = PQcancel(pointer, message.baseAddress, 256)
    }
  }
}

extension Error {
  /// Whether the conversation with the server has gone to its end.
  fileprivate var isAnswer: Bool {
    self is PostgresError || self is PostgresUsageError || self is PostgresDecodingError
  }
}
