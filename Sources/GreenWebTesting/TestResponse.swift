internal import FoundationEssentials
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

  /// The body as text; what is not UTF-8 becomes U+FFFD.
  public var text: String { String(decoding: body, as: UTF8.self) }

  /// The body, decoded from JSON, whatever its type is said to be, in the form that the application's answers have: `App.json`.
  ///
  /// - Throws: `DecodingError`.
  public func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    return try JSONDecoder.house(jsonOptions).decode(type, from: Data(body))
  }

  /// Where the client is led, as a path of the same host; `nil` where it is not.
  func redirection(from target: String, host: String) -> String? {
    guard (300...399).contains(status.code), status.code != 304, let location = headers[.location] else { return nil }
    for origin in ["http://\(host)", "https://\(host)"] where location.hasPrefix(origin) {
      let path = String(location.dropFirst(origin.count))
      return path.isEmpty ? "/" : path
    }
    if location.hasPrefix("/") { return location }
    if location.contains("://") { return nil }
    let path = target.prefix { $0 != "?" }
    if location.hasPrefix("?") { return path + location }
    return path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex) + location
  }
}
