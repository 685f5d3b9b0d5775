internal import HTTPTypes

/// What a `GET` would be answered with, of which a client may have asked for some parts, or for nothing where it has it
/// already: RFC 9110, 13 and 14.
struct Representation {
  let contentType: String?
  /// Without those that follow from the rest.
  let headers: HTTPFields
  let validators: Validators
  let length: Int
  let whole: ResponseBody
  /// Writes a part.
  let write: @Sendable (BodyWriter, Range<Int>) throws -> Void

  /// The answer to a request that has been routed here.
  func response(for request: Request) -> Response {
    var headers = headers
    validators.put(into: &headers)
    headers[.acceptRanges] = "bytes"
    if let answer = validators.answer(to: request, headers) { return answer }
    // RFC 9110, 14.2: there are ranges for GET only.
    guard request.method == .get, let field = request.header(.range),
      request.header(.ifRange).map(validators.allowsRange) ?? true
    else { return Response(contentType: contentType, headers: headers, body: whole) }
    switch ByteRanges.parse(field, length: length) {
    case .whole: return Response(contentType: contentType, headers: headers, body: whole)
    case .unsatisfiable:
      return Response(
        HTTPError(.rangeNotSatisfiable, headers: [.contentRange: "bytes */\(length)", .acceptRanges: "bytes"]))
    case .parts(let parts): return partial(parts, headers)
    }
  }

  private func partial(_ parts: [Range<Int>], _ headers: HTTPFields) -> Response {
    let write = write
    if parts.count > 1 {
      let several = MultipartRanges(parts, of: length, contentType: contentType)
      return Response(
        status: .partialContent, contentType: several.contentType, headers: headers,
        body: .stream(StreamedBody(length: several.length) { try several.write(to: $0, write) }))
    }
    let part = parts[0]
    var headers = headers
    headers[.contentRange] = part.contentRange(of: length)
    return Response(
      status: .partialContent, contentType: contentType, headers: headers,
      body: .stream(StreamedBody(length: part.count) { try write($0, part) }))
  }
}

extension Range<Int> {
  /// RFC 9110, 14.4.
  fileprivate func contentRange(of length: Int) -> String { "bytes \(lowerBound)-\(upperBound - 1)/\(length)" }
}

/// Several parts in one body: `multipart/byteranges`, RFC 9110, 14.6.
private struct MultipartRanges {
  private let parts: [(head: String, range: Range<Int>)]
  private let end: String
  private let boundary: String

  init(_ parts: [Range<Int>], of length: Int, contentType: String?) {
    // 128 bits that nobody can foresee occur in no content.
    let boundary = String(UInt64.random(in: 0...(.max)), radix: 36) + String(UInt64.random(in: 0...(.max)), radix: 36)
    let type = contentType.map { "Content-Type: \($0)\r\n" } ?? ""
    self.boundary = boundary
    self.parts = parts.map { part in
      ("\r\n--\(boundary)\r\n\(type)Content-Range: \(part.contentRange(of: length))\r\n\r\n", part)
    }
    end = "\r\n--\(boundary)--\r\n"
  }

  var contentType: String { "multipart/byteranges; boundary=\(boundary)" }
  var length: Int { parts.reduce(end.utf8.count) { $0 + $1.head.utf8.count + $1.range.count } }

  func write(to body: BodyWriter, _ write: (BodyWriter, Range<Int>) throws -> Void) throws {
    for part in parts {
      try body.write(part.head)
      try write(body, part.range)
    }
    try body.write(end)
  }
}
