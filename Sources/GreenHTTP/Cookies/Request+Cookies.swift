internal import HTTPTypes

extension Request {
  /// The cookies that the client has sent, as ``Response/setCookie(_:)`` has set them. Of several with one name the first is
  /// the one of the longest path (RFC 6265bis, 5.8.3). Made anew each time it is asked for.
  public var cookies: NamedValues { header(.cookie).map(CookieText.parse) ?? NamedValues() }
}

extension Response {
  /// Has the client keep a cookie, in the place of one that an earlier call has set with the same name, path and domain.
  public mutating func setCookie(_ cookie: Cookie) {
    let isSecure = Request.current?.scheme == "https"
    removeCookie(like: cookie)
    headers.append(HTTPField(name: .setCookie, value: cookie.field(isSecure: isSecure)))
  }

  /// Has the client forget a cookie. Path and domain must be those that it was set with.
  public mutating func deleteCookie(_ name: String, path: String = "/", domain: String? = nil) {
    setCookie(Cookie(name, "", path: path, domain: domain, maxAge: .zero))
  }

  /// Forgets an earlier order about the same cookie: RFC 6265bis, 4.1.1 wants one only.
  private mutating func removeCookie(like cookie: Cookie) {
    guard headers.contains(.setCookie) else { return }
    let places = Self.places(cookie.field(isSecure: false))
    let kept = headers[values: .setCookie].filter { Self.places($0) != places }
    headers[values: .setCookie] = kept
  }

  /// What tells cookies apart: name, path and domain.
  private static func places(_ field: String) -> [String] {
    let parts = field.pieces(between: ";").map(\.trimmed)
    let places = parts.dropFirst().filter { $0.begins(with: "Path=") || $0.begins(with: "Domain=") }
    return [String(parts[0].before("="))] + places
  }
}
