public import GreenHTTP
internal import HTTPTypes

extension Compression {
  /// The answer as it is to be sent to the client: compressed, or as it is.
  ///
  /// A short body is compressed here; a long one, and one that is made while it is sent, when that happens. A strong `ETag`
  /// becomes a weak one, since the bytes are others (RFC 9110, 8.8.1).
  ///
  /// A client that refuses what is not compressed (`identity;q=0`) gets what gains nothing by it compressed too; and `406` where
  /// it takes none of the codings either, if it has asked for content (RFC 9110, 12.5.3) and not for something to be done.
  public func applied(to response: Response, for request: Request) -> Response {
    let isWanted = isWanted(for: response)
    guard isWanted || refusesIdentity(request) && mayBeCoded(response) else { return response }
    var response = response
    response.headers.addVary("Accept-Encoding")
    let accepted = AcceptEncoding(request.header(.acceptEncoding))
    if response.status == .notModified {
      // RFC 9110, 15.4.5: the tag that the answer itself had: as the client says, or as it would be now.
      let wasSent = request.header(.ifNoneMatch).map { Self.lists($0, response.headers[.eTag]) }
      if wasSent == false || wasSent == nil && accepted.best(of: codings.map(\.rawValue)) != nil {
        weakenTag(&response)
      }
      return response
    }
    let needsCoding = accepted.identityWeight == 0 && response.body.count != 0
    guard isLongEnough(response.body) || needsCoding else { return response }
    if needsCoding && accepted.best(of: codings.map(\.rawValue)) == nil && isContentAskedFor(request, response) {
      return notAcceptable
    }
    guard let (body, coding) = coded(response.body, for: accepted, isHead: request.method == .head) else {
      return response
    }
    response.body = body
    response.headers[.contentEncoding] = coding.rawValue
    // What these say is not so any more: of lengths, and of parts.
    response.headers[.contentLength] = nil
    response.headers[.acceptRanges] = nil
    weakenTag(&response)
    return response
  }

  /// What says that no coding that there is fits.
  private var notAcceptable: Response {
    let names = codings.map(\.rawValue).joined(separator: ", ")
    var response = Response(HTTPError(.notAcceptable, "this is to be had coded by \(names), or not at all"))
    response.headers.addVary("Accept-Encoding")
    return response
  }

  private func isContentAskedFor(_ request: Request, _ response: Response) -> Bool {
    (request.method == .get || request.method == .head) && response.status.kind == .successful
  }

  /// Whether a client says that it does not take what is not coded: few say anything of the kind.
  private func refusesIdentity(_ request: Request) -> Bool {
    guard let field = request.header(.acceptEncoding), field.utf8.contains(UInt8(ascii: "0")) else { return false }
    return AcceptEncoding(field).identityWeight == 0
  }

  /// Whether nothing says that an answer must stay as it is.
  private func mayBeCoded(_ response: Response) -> Bool {
    switch response.status.code {
    case ..<200, 204, 205, 206, 304: return false
    default: break
    }
    let headers = response.headers
    return !(headers[.cacheControl]?.lists("no-transform") ?? false) && !Self.bound.contains { headers.contains($0) }
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

  /// The body in the coding that the client likes best; in the next where there is no memory for one more of those. `nil` where
  /// there is none that it takes.
  private func coded(
    _ body: ResponseBody, for accepted: AcceptEncoding, isHead: Bool
  ) -> (ResponseBody, ContentCoding)? {
    var left = codings.map(\.rawValue)
    while let name = accepted.best(of: left), let coding = ContentCoding(rawValue: name) {
      if let body = self.body(body, coding, isHead: isHead) { return (body, coding) }
      left.removeAll { $0 == name }
    }
    return nil
  }

  /// `nil` where the compressors take too much memory already.
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

  /// Whether a list of tags has a strong one, as it stands.
  private static func lists(_ field: String, _ tag: String?) -> Bool {
    guard let tag = tag.flatMap({ EntityTag(field: $0) }) else { return false }
    var tags = EntityTags(field)
    while let one = tags.next() { if one.matchesStrongly(tag) { return true } }
    return false
  }

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
