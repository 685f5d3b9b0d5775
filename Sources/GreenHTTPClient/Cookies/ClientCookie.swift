/// A cookie that a ``CookieJar`` keeps: RFC 6265, 5.3.
public struct ClientCookie: Sendable, Hashable, Codable {
  /// The name, as the server has sent it.
  public var name: String
  /// The value, as the server has sent it.
  public var value: String
  /// The host that it is for, in lower case; of a Unix socket, its path.
  public var domain: String
  /// Whether it is for that host alone, and not for those below it too.
  public var isHostOnly: Bool
  /// Below which path it is sent.
  public var path: String
  /// When it ends, in seconds since 1970; `nil` for when the program does.
  public var expires: Int64?
  /// Whether it is sent by https alone.
  public var isSecure: Bool
  /// Whether it is for HTTP alone. It makes no difference here: what sends it is HTTP.
  public var isHTTPOnly: Bool

  /// A cookie.
  public init(
    _ name: String, _ value: String, domain: String, isHostOnly: Bool = true, path: String = "/", expires: Int64? = nil,
    isSecure: Bool = false, isHTTPOnly: Bool = false
  ) {
    self.name = name
    self.value = value
    self.domain = domain.hasPrefix("/") ? domain : domain.lowercased()
    self.isHostOnly = isHostOnly
    self.path = path
    self.expires = expires
    self.isSecure = isSecure
    self.isHTTPOnly = isHTTPOnly
  }
}

extension ClientCookie {
  /// What tells cookies of a jar apart (RFC 6265, 5.3, 11).
  func isSame(as other: ClientCookie) -> Bool {
    name == other.name && domain == other.domain && path == other.path
  }

  func hasEnded(by now: Int64) -> Bool { expires.map { $0 <= now } ?? false }

  /// Whether it belongs to a request (RFC 6265, 5.4).
  func isFor(_ url: HTTPURL) -> Bool {
    let isOfHost = isHostOnly ? url.host == domain : CookieRules.isHost(url.host, within: domain)
    return isOfHost && CookieRules.isPath(CookieRules.path(of: url), below: path) && (url.isSecure || !isSecure)
  }
}
