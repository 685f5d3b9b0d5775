public import HTTPTypes

/// What an ``HTTPClient`` asks for.
///
/// ```swift
/// var request = HTTPClientRequest(.put, "http://127.0.0.1:8000/notes/7", body: .text("Hello"))
/// request.headers[.ifMatch] = "\"a1\""
/// let answer = try client.send(request, until: .after(.seconds(5)))
/// ```
///
/// What frames the message and what is between the two ends of a connection is the client's: a request that has
/// `Content-Length`, `Transfer-Encoding`, `Expect`, `Upgrade` and the like among its ``headers`` is not sent.
/// `Connection: close` is, and a `Host` takes the place of the URL's.
public struct HTTPClientRequest: Sendable {
  /// The method. `CONNECT` is not sent.
  public var method: HTTPRequest.Method
  /// Where: `http://host:port/path?query`, or `http+unix://%2Frun%2Fapp.sock/path` over a Unix socket. In ASCII, with what is
  /// special percent-encoded (RFC 3986); a host beyond ASCII is written `xn--…` (RFC 5891). A fragment is not sent.
  public var url: String
  /// The fields, sent in order.
  public var headers: HTTPFields
  /// The content.
  public var body: Body
  /// Called with each interim answer but `100 (Continue)`, such as `103 (Early Hints)`, RFC 8297, before the answer itself.
  public var onInterimResponse: (@Sendable (HTTPResponse) -> Void)?

  /// A request.
  ///
  /// - Parameters:
  ///   - method: `GET` unless given.
  ///   - url: see ``url``.
  ///   - query: added to the URL's query, percent-encoded.
  ///   - headers: see ``headers``.
  ///   - body: see ``body``.
  public init(
    _ method: HTTPRequest.Method = .get, _ url: String, query: KeyValuePairs<String, String> = [:],
    headers: HTTPFields = [:], body: Body = .empty
  ) {
    self.method = method
    self.url = query.isEmpty ? url : URLEncoding.adding(query, to: url)
    self.headers = headers
    self.body = body
  }
}
