public import HTTPTypes

/// The answer to a request.
///
/// ```swift
/// Response("Hello World!")
/// Response(status: .created, headers: [.location: "/users/7"])
/// ```
///
/// `Content-Length`, `Transfer-Encoding`, `Trailer` and the persistence of the connection are the server's: of `headers`, a
/// `Connection: close` is obeyed and `Connection: upgrade` is sent, and `Content-Length` is used only where the body cannot
/// tell (`HEAD` and an empty body). `Date` and `Server` replace the server's own. Names and values cannot hold CR, LF
/// or NUL: `HTTPField` turns them into spaces.
public struct Response: Sendable, Hashable {
  /// The status. One below 200 or above 599 is not a final answer, and is sent as `500`.
  public var status: HTTPResponse.Status
  /// The media type, sent as `Content-Type` unless ``headers`` has one. A literal here costs nothing, a field in
  /// ``headers`` an allocation.
  public var contentType: String?
  /// The content. Not sent to a `HEAD`, nor with 204, 205 and 304.
  public var body: ResponseBody
  /// The fields, sent in order.
  public var headers: HTTPFields
}

// In an extension, so that the struct has the initialiser that the compiler makes: that puts a response together where it
// is wanted. One that is written out makes it elsewhere and copies it, counting the references of each part.
extension Response {
  /// A response of these parts.
  public init(
    status: HTTPResponse.Status = .ok, contentType: String? = nil, headers: HTTPFields = HTTPFields(),
    body: ResponseBody = .empty
  ) {
    self.init(status: status, contentType: contentType, body: body, headers: headers)
  }

  /// Text, as `text/plain; charset=utf-8`.
  public init(_ text: String, status: HTTPResponse.Status = .ok) {
    self.init(status: status, contentType: "text/plain; charset=utf-8", body: .string(text), headers: HTTPFields())
  }

  /// Bytes, as `application/octet-stream` unless said otherwise.
  public init(
    _ bytes: [UInt8], status: HTTPResponse.Status = .ok, contentType: String = "application/octet-stream"
  ) {
    self.init(status: status, contentType: contentType, body: .bytes(bytes))
  }

  /// The answer that an ``HTTPError`` stands for.
  public init(_ error: HTTPError) {
    self.init(error.message, status: error.status)
    headers = error.headers
  }
}
