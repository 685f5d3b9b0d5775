public import HTTPTypes

extension Request {
  /// A request that came over no connection of this library's: for adapters to other servers, and for tests. No text is
  /// made of it and parsed again.
  ///
  /// - Parameters:
  ///   - request: method, path, authority, scheme and fields. `Transfer-Encoding` and `Expect` are left out: the body's
  ///     bytes are what `body` gives.
  ///   - version: the version that the client spoke.
  ///   - remote: the peer's address as text.
  ///   - local: the address that the peer has connected to, as text.
  ///   - limits: how long a head and a body may be.
  ///   - body: where the body comes from; none by default.
  /// - Throws: ``HTTPError`` where it is not a request that a client could have sent, or one that passes a limit.
  public init(
    _ request: HTTPRequest, version: HTTPVersion = .http1_1, remote: String, local: String = "",
    limits: HTTPLimits = HTTPLimits(), body: RequestBody.Source? = nil
  )
    throws
  {
    let storage: RequestStorage
    do {
      storage = try RequestStorage(request, version: version, limits: limits)
    } catch {
      throw HTTPError(error.status, error.reason)
    }
    let declared = storage.state.pointee.body.length
    // Without a source there is no more of a body than nothing.
    storage.state.pointee.body.begin(length: body == nil ? 0 : nil)
    // How long it is, only the source knows: what was declared is told, and not relied on.
    if body != nil && request.headerFields.contains(.contentLength) { storage.state.pointee.body.length = declared }
    storage.state.pointee.origin = AdaptedOrigin(
      remote: remote, local: local, isEncrypted: request.scheme == "https", limits: limits,
      source: body.map { Self.bounded($0, limits.body) } ?? { _ in 0 })
    self.init(storage)
  }

  /// A request with a body that is there already: for tests of what answers requests, without a connection.
  ///
  /// ```swift
  /// let answer = try app.respond(to: Request(.post, "/users", body: Array(#"{"name": "Ada"}"#.utf8)))
  /// ```
  ///
  /// - Throws: ``HTTPError`` where it is not a request that a client could have sent, or one that passes a limit.
  public init(
    _ method: HTTPRequest.Method = .get, _ target: String, headers: HTTPFields = HTTPFields(), body: [UInt8] = [],
    limits: HTTPLimits = HTTPLimits()
  ) throws {
    var headers = headers
    if !body.isEmpty { headers[.contentLength] = "\(body.count)" }
    let request = HTTPRequest(
      method: method, scheme: "http", authority: "localhost", path: target, headerFields: headers)
    var rest = body[...]
    try self.init(request, remote: "", limits: limits) { buffer in
      let piece = rest.prefix(buffer.count)
      buffer.copyBytes(from: piece)
      rest = rest.dropFirst(piece.count)
      return piece.count
    }
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
}
