public import HTTPTypes

extension Request {
  /// A request that came over no connection of this library's: for adapters to other servers, and for tests.
  ///
  /// - Parameters:
  ///   - request: method, path, authority and fields. `Transfer-Encoding` and `Expect` are left out: the body's bytes are
  ///     what `body` gives.
  ///   - remote: the peer's address as text.
  ///   - limits: how long a head and a body may be.
  ///   - body: where the body comes from; none by default.
  /// - Throws: ``HTTPError`` where it is not a request that a client could have sent.
  public init(
    _ request: HTTPRequest, remote: String, limits: HTTPLimits = HTTPLimits(), body: RequestBody.Source? = nil
  )
    throws
  {
    let target = request.path ?? "/"
    guard !target.isEmpty && (target + (request.authority ?? "")).utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
      throw HTTPError(.badRequest, "the path or the authority of the request is malformed")
    }
    var head = "\(request.method.rawValue) \(target) HTTP/1.1\r\nHost: \(request.authority ?? "")\r\n"
    for field in request.headerFields where field.name != .transferEncoding && field.name != .expect {
      head += "\(field.name.rawName): \(field.value)\r\n"
    }
    do {
      try self.init(parsing: Array((head + "\r\n").utf8), remote: remote, limits: limits)
    } catch let fault as HeadFault {
      throw HTTPError(fault.status, fault.reason)
    }
    storage.state.pointee.source = body.map { Self.bounded($0, limits.body) }
    // Without a source there is no more of a body than nothing.
    if body == nil { storage.state.pointee.body = BodyProgress() }
  }

  /// `source`, but no more than `limit` bytes of it; 0 for any number.
  private static func bounded(_ source: @escaping RequestBody.Source, _ limit: Int) -> RequestBody.Source {
    guard limit > 0 else { return source }
    var left = limit
    return { buffer in
      let count = try source(buffer)
      left -= count
      if left < 0 { throw HTTPError(.contentTooLarge, "the body is longer than \(limit) bytes") }
      return count
    }
  }

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
    state.pointee.jsonDepth = limits.jsonDepth
    self.init(storage)
  }

  /// A request made from text: see ``init(parsing:remote:limits:)``.
  package init(parsing text: String) throws { try self.init(parsing: Array(text.utf8)) }
}
