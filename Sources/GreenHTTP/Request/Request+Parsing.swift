internal import HTTPTypes

extension Request {
  /// A request made from bytes, with as much of a body as they hold: for tests of what answers requests, without a
  /// connection. Throws the ``HeadFault`` that a connection would answer, and ``HTTPError`` when the head is incomplete.
  package init(parsing bytes: [UInt8], remote: String = "test:", limits: HTTPLimits = HTTPLimits()) throws {
    let storage = bytes.withUnsafeBytes { RequestStorage(buffer: ReceiveBuffer(copying: $0)) }
    let state = storage.state
    switch state.pointee.head.parse(state.pointee.buffer.bytes, limits: limits.bounded) {
    case .incomplete: throw HTTPError(400, "the head of the request is incomplete")
    case .bad(let fault): throw fault
    case .complete(let length): state.pointee.headLength = length
    }
    if let fault = state.pointee.head.fault(limits: limits) { throw fault }
    state.pointee.prepareBody()
    state.pointee.remote = remote
    self.init(storage)
  }

  /// A request made from text: see ``init(parsing:remote:limits:)``.
  package init(parsing text: String) throws { try self.init(parsing: Array(text.utf8)) }
}
