public import GreenHTTP
internal import HTTPTypes

extension Compression {
  /// The answer as it is to be sent to the client: compressed, or as it is.
  ///
  /// A short body is compressed here; a long one, and one that is made while it is sent, when that happens. A strong `ETag`
  /// becomes a weak one, since the bytes are others (RFC 9110, 8.8.1).
  public func applied(to response: Response, for request: Request) -> Response {
    guard isWanted(for: response) else { return response }
    var response = response
    response.headers.addVary("Accept-Encoding")
    if response.status == .notModified {
      weakenTag(&response)
      return response
    }
    let accepted = AcceptEncoding(request.header(.acceptEncoding))
    guard isLongEnough(response.body) || accepted.identityWeight == 0,
      let name = accepted.best(of: codings.map(\.rawValue)), let coding = ContentCoding(rawValue: name),
      let body = body(response.body, coding, isHead: request.method == .head)
    else { return response }
    response.body = body
    response.headers[.contentEncoding] = name
    // What these say is not so any more: of lengths, and of parts.
    response.headers[.contentLength] = nil
    response.headers[.acceptRanges] = nil
    weakenTag(&response)
    return response
  }

  /// Whether an answer is one that is compressed for clients that take it.
  private func isWanted(for response: Response) -> Bool {
    switch response.status.code {
    case ..<200, 204, 205, 206: return false
    default: break
    }
    let headers = response.headers
    if headers.isEmpty { return response.contentType.map(MediaType.isCompressible) ?? false }
    if headers[.cacheControl]?.lists("no-transform") ?? false { return false }
    // A client that has the answer already is told what it depends on, and no more.
    if response.status == .notModified { return true }
    for name in Self.bound where headers.contains(name) { return false }
    return (headers[.contentType] ?? response.contentType).map(MediaType.isCompressible) ?? false
  }

  /// Fields that hold for the very bytes that the handler made.
  private static let bound: [HTTPField.Name] =
    [.contentEncoding, .contentRange]
    + ["Content-Digest", "Repr-Digest", "Digest", "Content-MD5"].compactMap { .init($0) }

  private func isLongEnough(_ body: ResponseBody) -> Bool { body.count.map { $0 >= max(1, minimumLength) } ?? true }

  /// `nil` where too many are being made.
  private func body(_ body: ResponseBody, _ coding: ContentCoding, isHead: Bool) -> ResponseBody? {
    // Of what is not sent, nobody asks how long it would have been.
    if isHead { return .stream(StreamedBody { _ in }) }
    if let stream = body.stream {
      guard let encoder = Encoder(coding, level: level) else { return nil }
      return .stream(stream.coded(by: encoder))
    }
    guard let encoder = Encoder(coding, level: level) else { return nil }
    if let count = body.count, count <= Self.wholeLimit { return try? .bytes(encoder.whole(body)) }
    let stream = StreamedBody { writer in _ = try body.withBytes { try writer.write($0) } }
    return .stream(stream.coded(by: encoder))
  }

  /// What is compressed in one go, and so has a length: about a millisecond of work.
  private static var wholeLimit: Int { 65_536 }

  private func weakenTag(_ response: inout Response) {
    guard let tag = response.headers[.eTag].flatMap({ EntityTag(field: $0) }), !tag.isWeak else { return }
    response.headers[.eTag] = EntityTag(tag.value, isWeak: true).description
  }
}

extension Response {
  /// The answer with `no-transform` in its `Cache-Control`: neither this server nor anybody on the way compresses it. For pages
  /// that show a secret, such as a token against forged requests, beside what a client has sent: from the length of such a
  /// page, compressed, the secret can be guessed bit by bit (BREACH).
  public func withoutCompression() -> Response {
    var response = self
    if let stated = headers[.cacheControl], !stated.isEmpty {
      if !stated.lists("no-transform") { response.headers[.cacheControl] = "\(stated), no-transform" }
    } else {
      response.headers[.cacheControl] = "no-transform"
    }
    return response
  }
}
