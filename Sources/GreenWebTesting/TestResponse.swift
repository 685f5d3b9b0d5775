internal import FoundationEssentials
internal import Green
internal import GreenHTTP
internal import GreenWeb
public import HTTPTypes

/// What a ``TestClient`` was answered with.
public struct TestResponse: Sendable {
  /// The status.
  public let status: HTTPResponse.Status
  /// The fields, `Content-Type` among them.
  public let headers: HTTPFields
  /// The whole body; none of an answer to `HEAD`.
  public let body: [UInt8]
  private let jsonOptions: JSONOptions

  init(_ response: Response, to request: Request) throws {
    jsonOptions = request.jsonOptions
    status = response.status
    var fields = response.headers
    if let type = response.contentType, !fields.contains(.contentType) { fields[.contentType] = type }
    headers = fields
    guard request.method != .head else {
      body = []
      return
    }
    guard let stream = response.body.stream else {
      body = response.body.withBytes { Array($0) } ?? []
      return
    }
    var bytes: [UInt8] = []
    try stream.write(for: request) { bytes += $0 }
    body = bytes
  }

  /// What a server has answered.
  init(status: HTTPResponse.Status, headers: HTTPFields, body: [UInt8], json: JSONOptions) {
    self.status = status
    self.headers = headers
    self.body = body
    jsonOptions = json
  }

  /// The body as text; what is not UTF-8 becomes U+FFFD.
  public var text: String { String(decoding: body, as: UTF8.self) }

  /// The body, decoded from JSON, whatever its type is said to be, in the form that the application's answers have: `App.json`.
  ///
  /// - Throws: `DecodingError`.
  public func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    try Fiber.onBigStack { try JSONDecoder.house(jsonOptions).decode(type, from: Data(body)) }
  }

  /// Where the client is led, as a path of the same host; `nil` where it is not.
  func redirection(from target: String, host: String) -> String? {
    guard (300...399).contains(status.code), status.code != 304, let location = headers[.location] else { return nil }
    for origin in ["http://\(host)", "https://\(host)", "//\(host)"] where location.begins(with: origin) {
      let path = location.dropping(bytes: origin.utf8.count)
      // Else the host is one whose name only begins so, or its port is another.
      if path.isEmpty || path.begins(with: "?") { return "/\(path)" }
      if path.begins(with: "/") { return String(path) }
    }
    // RFC 3986, 4.2: such an address has the scheme of the page alone.
    if location.begins(with: "//") || Self.hasScheme(location) { return nil }
    if location.begins(with: "/") { return location }
    let path = target.prefix { $0 != "?" }
    if location.hasPrefix("?") { return path + location }
    return path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex) + location
  }

  private static func hasScheme(_ location: String) -> Bool {
    location.utf8.first { ":/?#".utf8.contains($0) } == UInt8(ascii: ":")
  }
}
