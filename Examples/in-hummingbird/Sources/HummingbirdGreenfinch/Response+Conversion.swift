internal import GreenHTTP
internal import Hummingbird

extension Hummingbird.Response {
  /// A response of Greenfinch's.
  ///
  /// - Parameter streaming: makes the body that a streamed one is written to.
  init(_ response: GreenHTTP.Response, to method: HTTPRequest.Method, streaming: (StreamedBody) -> ResponseBody) {
    var fields = HTTPFields()
    if let type = response.contentType, !response.headers.contains(.contentType) { fields[.contentType] = type }
    for field in response.headers {
      switch field.name {
      // The framing and the connection are the server's to tell.
      case .contentLength, .transferEncoding, .connection: continue
      default: fields.append(field)
      }
    }
    let hasContent = response.status != .noContent && response.status != .notModified
    guard hasContent && method != .head else {
      self.init(status: response.status, headers: fields)
      setLength(response, hasContent: hasContent)
      return
    }
    let body =
      response.body.stream.map(streaming)
      ?? ResponseBody(byteBuffer: response.body.withBytes { ByteBuffer(bytes: $0) } ?? ByteBuffer())
    self.init(status: response.status, headers: fields, body: body)
  }

  /// `Content-Length` of a response without its content: that of the content, or what the handler states where it makes
  /// none. Never with 204, and with 304 only if it is stated (RFC 9110, 8.6).
  private mutating func setLength(_ response: GreenHTTP.Response, hasContent: Bool) {
    let stated = response.headers[.contentLength].flatMap { UInt($0) }.map { "\($0)" }
    let count = response.body.count
    let length = count == 0 && response.status != .noContent ? stated : nil
    headers[.contentLength] = length ?? (hasContent ? count.map { "\($0)" } : nil)
    if hasContent && count == nil {
      // Without a length, NIO would end the response with an empty chunk, which the client would take for the beginning of
      // the next one: the connection ends instead.
      headers[.connection] = "close"
      body = ResponseBody { _ in throw ResponseWithoutEnd() }
    }
  }
}

/// The response to a `HEAD` has been sent, and must have no end.
private struct ResponseWithoutEnd: Error {}
