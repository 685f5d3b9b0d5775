internal import CPQ
internal import Green

extension LibPQ {
  /// Sends statements without values by the simple protocol, and waits for the result of the last.
  ///
  /// - Throws: ``PostgresError`` of the first that fails; ``PostgresConnectionError``; as every wait, and the statement is
  ///   cancelled then.
  func send(_ text: String, _ waiting: Waiting) throws -> PostgresResult {
    try exchange(waiting) { PQsendQuery(pointer, text) }
  }

  /// Sends a statement with values.
  func send(_ text: String, _ parameters: ParameterList, _ waiting: Waiting) throws -> PostgresResult {
    try exchange(waiting) {
      parameters.withPointers {
        PQsendQueryParams(pointer, text, $0.count, $0.types, $0.values, $0.lengths, $0.formats, 0)
      }
    }
  }

  func prepare(_ name: String, _ text: String, _ types: [UInt32], _ waiting: Waiting) throws {
    _ = try exchange(waiting) { PQsendPrepare(pointer, name, text, Int32(types.count), types) }
  }

  func sendPrepared(_ name: String, _ parameters: ParameterList, _ waiting: Waiting) throws -> PostgresResult {
    try exchange(waiting) {
      parameters.withPointers { PQsendQueryPrepared(pointer, name, $0.count, $0.values, $0.lengths, $0.formats, 0) }
    }
  }

  private func exchange(_ waiting: Waiting, _ send: () -> Int32) throws -> PostgresResult {
    try interruptible {
      if send() != 1 { throw lost() }
      try flush(waiting)
      return try lastResult(waiting)
    }
  }

  /// The result of the last statement that was sent.
  func lastResult(_ waiting: Waiting) throws -> PostgresResult {
    var last: PostgresResult?
    var failure: (any Error)?
    while let pointer = try nextResult(waiting) {
      let status = PQresultStatus(pointer)
      let result = PostgresResult(taking: pointer)
      switch status {
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: last = result
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        // A COPY that was not asked for as one: nothing will come to it, and what it gives is thrown away.
        failure = failure ?? PostgresUsageError.notCopy("for query or execute: use copy")
        try endCopy(status, waiting)
      default: failure = failure ?? PostgresError(pointer)
      }
    }
    if let failure { throw failure }
    guard let last else { throw lost() }
    return last
  }

  private func endCopy(_ status: ExecStatusType, _ waiting: Waiting) throws {
    guard status == PGRES_COPY_OUT else {
      if PQputCopyEnd(pointer, "no rows were sent") < 0 { throw lost() }
      return try flush(waiting)
    }
    while let bytes = try nextCopied(waiting) { PQfreemem(bytes.baseAddress) }
  }

  /// The next piece of a `COPY … TO STDOUT`, to be freed by `PQfreemem`; `nil` after the last.
  func nextCopied(_ waiting: Waiting) throws -> UnsafeMutableBufferPointer<CChar>? {
    while true {
      switch try copiedAtHand() {
      case .piece(let piece): return piece
      case .end: return nil
      case .notYet: try waitForInput(waiting)
      }
    }
  }

  enum Copied {
    case piece(UnsafeMutableBufferPointer<CChar>)
    case end, notYet
  }

  /// As ``nextCopied(_:)``, as far as that needs no wait.
  func copiedAtHand() throws -> Copied {
    var bytes: UnsafeMutablePointer<CChar>?
    switch PQgetCopyData(pointer, &bytes, 1) {
    case let count where count > 0: return .piece(UnsafeMutableBufferPointer(start: bytes, count: Int(count)))
    case 0: return .notYet
    case -1: return .end
    default: throw lost()
    }
  }
}

extension PostgresError {
  /// The error that a result is.
  init(_ result: OpaquePointer) {
    func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
    self.init(
      state: State(rawValue: field(cpq_sqlstate()) ?? ""),
      message: field(cpq_message()) ?? String(cString: PQresultErrorMessage(result)), detail: field(cpq_detail()),
      hint: field(cpq_hint()), position: field(cpq_position()).flatMap { Int($0) }, schema: field(cpq_schema()),
      table: field(cpq_table()), column: field(cpq_column()), constraint: field(cpq_constraint()))
  }
}
