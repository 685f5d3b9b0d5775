internal import HTTPTypes

/// A request at one of the places that it is sent to.
struct Hop {
  var method: HTTPRequest.Method
  var url: HTTPURL
  var headers: HTTPFields
  var body: HTTPClientRequest.Body
  let onInterimResponse: (@Sendable (HTTPResponse) -> Void)?

  init(_ request: HTTPClientRequest, _ url: HTTPURL) {
    (method, self.url, headers, body) = (request.method, url, request.headers, request.body)
    onInterimResponse = request.onInterimResponse
  }

  /// The request that an answer asks for instead (RFC 9110, 15.4); `nil` where it asks for none.
  ///
  /// - Throws: ``HTTPClientError``.
  func redirected(by response: HTTPClientResponse) throws(HTTPClientError) -> Hop? {
    guard [301, 302, 303, 307, 308].contains(response.status.code), let place = response.headers[.location] else {
      return nil
    }
    var next = self
    do {
      next.url = try url.resolving(place)
    } catch {
      throw .invalidRedirect(place, problem: error.problem)
    }
    // Another scheme says that whoever answers has the say over files or sockets of this machine.
    if next.url.isUnix && !url.isUnix { throw .invalidRedirect(place, problem: "it is not on the network") }
    if isRewritten(response.status.code) {
      next.method = .get
      next.body = .empty
      next.headers.removeAll { $0.name.canonicalName.hasPrefix("content-") }
    } else if !body.isRepeatable {
      throw .bodyIsGone
    }
    if !next.url.hasOrigin(of: url) { next.headers.removeAll { Self.isForOriginOnly($0.name) } }
    return next
  }

  /// Whether the method becomes `GET`: of a `POST` as every browser does it, which RFC 9110, 15.4.2 and 15.4.3 let a client
  /// do; of all but `HEAD` where the answer says that what is there is not what was asked for, but tells of it (15.4.4).
  private func isRewritten(_ status: Int) -> Bool {
    switch status {
    case 301, 302: method == .post
    case 303: method != .get && method != .head
    default: false
    }
  }

  /// What tells who asks is not told to others; over another scheme the same host is another.
  private static func isForOriginOnly(_ name: HTTPField.Name) -> Bool {
    ["authorization", "cookie", "cookie2", "proxy-authorization", "host", "www-authenticate"].contains(
      name.canonicalName)
  }
}
