package import Green
internal import GreenHTTP
package import GreenWeb
public import HTTPTypes

/// A client that asks an application in the same process, without a connection: what it is answered with is what a server would
/// send. It keeps cookies as a browser does. The one of a test that is ``TestMode/live`` asks a server, by HTTP.
///
/// ```swift
/// let client = app.testClient(followRedirects: true)
/// let note = try client.get("/notes/7").json(Note.self)
/// try client.post("/login", form: ["name": "Eve"])
/// ```
///
/// The application's code runs on the calling thread, in the calling fiber where there is one. It neither starts a
/// worker nor calls the hooks of one.
public final class TestClient: Sendable {
  package let app: App
  private let followRedirects: Bool
  private let jar = Mutex(CookieJar())
  package let scheme: String
  package let host: String
  /// The server that is asked; `nil` where it is the application itself.
  private let server: LiveServer?

  /// See ``GreenWeb/App/testClient(followRedirects:scheme:host:)``.
  init(_ app: App, followRedirects: Bool, scheme: String, host: String, server: LiveServer? = nil) {
    self.app = app
    self.followRedirects = followRedirects
    self.scheme = scheme
    self.host = host
    self.server = server
  }

  /// Where the server listens that a ``TestMode/live`` test asks, for other clients too: `http://127.0.0.1:40123`. `nil` where the
  /// application is asked itself.
  public var baseURL: String? { server.map { "http://\($0.address)" } }

  /// Where a live server listens.
  package var liveAddress: SocketAddress? { server?.address }

  /// The cookies that the next request to a path would bring, by name.
  public func cookies(for path: String = "/") -> [String: String] {
    jar.withLock { Dictionary($0.cookies(for: path).map { ($0.name, $0.value) }) { first, _ in first } }
  }

  /// The form of JSON that the application reads.
  var jsonOptions: JSONOptions { app.json }

  /// Sets a cookie as if the application had.
  public func setCookie(_ name: String, _ value: String, path: String = "/") {
    jar.withLock { $0.set(CookieJar.Kept(name: name, value: value, path: path)) }
  }

  /// Forgets all cookies.
  public func clearCookies() { jar.withLock { $0 = CookieJar() } }

  /// Asks. May park, as the application may.
  ///
  /// - Parameters:
  ///   - method: the method.
  ///   - target: the path, and the query.
  ///   - headers: fields, beside those of cookies and of the body's length.
  ///   - body: the body.
  /// - Throws: `HTTPError` where it is not a request that a client could send; what a body throws that is made while it is sent.
  @discardableResult
  public func send(
    _ method: HTTPRequest.Method, _ target: String, headers: HTTPFields = [:], body: [UInt8] = []
  ) throws -> TestResponse {
    var response = try sendOnce(method, target, headers, body)
    var (method, location) = (method, target)
    var left = 20
    while followRedirects, let next = response.redirection(from: location, host: host) {
      left -= 1
      guard left > 0 else { throw TooManyRedirects() }
      // RFC 9110, 15.4: after these the method stays.
      let isKept = response.status.code == 307 || response.status.code == 308
      if !isKept && method != .head { method = .get }
      response = try sendOnce(method, next, isKept ? headers : headers.withoutContent, isKept ? body : [])
      location = next
    }
    return response
  }

  private func sendOnce(
    _ method: HTTPRequest.Method, _ target: String, _ headers: HTTPFields, _ body: [UInt8]
  ) throws -> TestResponse {
    let path = String(target.prefix { $0 != "?" })
    var headers = headers
    if !headers.contains(.cookie) { headers[.cookie] = cookieField(for: path) }
    guard let server else { return try askApplication(method, target, path, headers, body) }
    let response = try server.ask(method, target, host: host, headers, body, json: jsonOptions)
    keepCookies(of: response.headers, from: path)
    return response
  }

  private func askApplication(
    _ method: HTTPRequest.Method, _ target: String, _ path: String, _ headers: HTTPFields, _ body: [UInt8]
  ) throws -> TestResponse {
    var headers = headers
    if !body.isEmpty { headers[.contentLength] = "\(body.count)" }
    let head = HTTPRequest(method: method, scheme: scheme, authority: host, path: target, headerFields: headers)
    var rest = body[...]
    let request = try Request(head, remote: "127.0.0.1:1") { buffer in
      let piece = rest.prefix(buffer.count)
      buffer.copyBytes(from: piece)
      rest = rest.dropFirst(piece.count)
      return piece.count
    }
    let response = app.answer(request, report: { _ in })
    keepCookies(of: response.headers, from: path)
    return try TestResponse(response, to: request)
  }

  /// The field `Cookie` of a request for a path; `nil` where no cookie is for it.
  package func cookieField(for path: String) -> String? {
    let cookies = jar.withLock { $0.cookies(for: path).map { "\($0.name)=\($0.value)" } }
    return cookies.isEmpty ? nil : cookies.joined(separator: "; ")
  }

  /// Keeps the cookies that an answer sets.
  package func keepCookies(of headers: HTTPFields, from path: String) {
    for field in headers[values: .setCookie] { jar.withLock { $0.read(field, from: path) } }
  }
}

/// A client was led on and on.
struct TooManyRedirects: Error, CustomStringConvertible {
  var description: String { "the application has redirected the client 20 times" }
}

extension HTTPFields {
  /// Those that are not about a body.
  fileprivate var withoutContent: HTTPFields {
    var fields = self
    for name in [.contentType, .contentLength, .contentEncoding] as [HTTPField.Name] { fields[name] = nil }
    return fields
  }
}
