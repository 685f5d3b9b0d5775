internal import GreenHTTP
internal import HTTPTypes

extension OutgoingRequest {
  /// Checks a request and adds what it does not say.
  ///
  /// - Throws: ``HTTPClientError/invalidRequest(_:)``.
  init(_ hop: Hop, _ route: Route, _ client: HTTPClient) throws(HTTPClientError) {
    if hop.method == .connect { throw .invalidRequest("CONNECT is not a request to a server, but to a proxy") }
    var fields = HTTPFields()
    var authority = hop.url.authority
    var closes = false
    for field in hop.headers {
      try Self.check(field)
      switch field.name.canonicalName {
      case "host": authority = try Self.host(field.value)
      case "connection": closes = true
      default: fields.append(field)
      }
    }
    try Self.add(.accept, "*/*", to: &fields)
    try Self.add(.userAgent, client.configuration.userAgent, to: &fields)
    try Self.add(.contentType, hop.body.contentType ?? "", to: &fields)
    // A part of a coded content is not one of the content.
    takesCodings = client.decoding != nil && !fields.contains(.acceptEncoding) && !fields.contains(.range)
    if takesCodings { fields[.acceptEncoding] = client.decoding?.codings.joined(separator: ", ") }
    if route.isProxied, let authorization = route.proxyAuthorization { fields[.proxyAuthorization] = authorization }
    (method, self.fields, self.authority) = (hop.method, fields, authority)
    // A proxy is told the whole of it (RFC 9112, 3.2.2).
    target = route.isProxied ? hop.url.text : hop.url.target
    (body, self.closes, onInterimResponse) = (hop.body.content, closes, hop.onInterimResponse)
    expectsContinue = (body.count ?? .max) >= max(1, client.configuration.expectContinueFrom)
  }

  /// `CONNECT`, to a proxy.
  init(connectingTo target: String, _ fields: HTTPFields) {
    (method, self.target, authority, self.fields) = (.connect, target, target, fields)
    (body, expectsContinue, closes, takesCodings, onInterimResponse) = (.empty, false, false, false, nil)
  }

  private static func add(
    _ name: HTTPField.Name, _ value: String, to fields: inout HTTPFields
  ) throws(HTTPClientError) {
    if value.isEmpty || fields.contains(name) { return }
    // HTTPField would make spaces of what could end the line.
    guard HTTPField.isValidValue(value) else { throw .invalidRequest(invalidValue(name)) }
    fields[name] = value
  }

  private static func invalidValue(_ name: HTTPField.Name) -> String {
    "the value of '\(name)' has characters that no field may have"
  }

  /// What frames a message, and what is between the two ends of a connection, is not the caller's.
  private static func check(_ field: HTTPField) throws(HTTPClientError) {
    switch field.name.canonicalName {
    case "content-length", "transfer-encoding", "expect", "upgrade", "te", "trailer", "keep-alive", "proxy-connection",
      "proxy-authorization", "http2-settings":
      throw .invalidRequest("the field '\(field.name)' is the client's own")
    case "connection":
      if field.value.lowercased() != "close" { throw .invalidRequest("'Connection' may say 'close' and nothing else") }
    default: break
    }
    let isValid = field.withUnsafeBytesOfValue { HTTPField.isValidValue($0) }
    if !isValid { throw .invalidRequest(invalidValue(field.name)) }
  }

  private static func host(_ value: String) throws(HTTPClientError) -> String {
    var copy = value
    let isWellFormed = copy.withUTF8 { bytes in
      bytes.baseAddress.map { Authority.isWellFormed($0, count: bytes.count) } ?? false
    }
    if !isWellFormed { throw .invalidRequest("'\(value)' is not a host with an optional port") }
    return value
  }
}
