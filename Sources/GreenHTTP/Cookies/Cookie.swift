/// A value that a browser keeps and sends back: RFC 6265bis.
///
/// ```swift
/// var response = Response("welcome")
/// response.setCookie(Cookie("theme", "dark", maxAge: .seconds(86_400 * 365)))
/// ```
///
/// The defaults are the careful ones: no script reads it, other sites' requests do not bring it, and it is sent by https alone
/// where it was set by https.
public struct Cookie: Sendable, Hashable {
  /// Which requests that another site has caused bring the cookie.
  public enum SameSite: String, Sendable, Hashable {
    /// Those by which a person follows a link.
    case lax = "Lax"
    /// None.
    case strict = "Strict"
    /// All. Browsers take it with ``Cookie/secure`` only.
    case none = "None"
  }

  /// The name. Bytes that cannot be in one are written as `%` and two digits.
  public var name: String
  /// The value. What cannot be in one is written as `%` and two digits, which ``Request/cookies`` reads as they were.
  public var value: String
  /// Below which path requests bring it.
  public var path: String
  /// Which host, and hosts below it, may have it; `nil` for the one that sets it alone.
  public var domain: String?
  /// For how long it is kept; `nil` for until the browser ends. No time, or less, removes it.
  public var maxAge: Duration?
  /// Whether scripts of the page cannot read it.
  public var httpOnly: Bool
  /// Whether it is sent by https alone; `nil` for whether the present request, ``Request/current``, came so.
  public var secure: Bool?
  /// Which requests of other sites bring it.
  public var sameSite: SameSite
  /// Whether each site that embeds this one has a cookie of its own (CHIPS). It makes the cookie ``secure``.
  public var isPartitioned: Bool

  /// A cookie.
  public init(
    _ name: String, _ value: String, path: String = "/", domain: String? = nil, maxAge: Duration? = nil,
    httpOnly: Bool = true, secure: Bool? = nil, sameSite: SameSite = .lax, isPartitioned: Bool = false
  ) {
    self.name = name
    self.value = value
    self.path = path
    self.domain = domain
    self.maxAge = maxAge
    self.httpOnly = httpOnly
    self.secure = secure
    self.sameSite = sameSite
    self.isPartitioned = isPartitioned
  }
}

extension Cookie {
  /// The cookie as `Set-Cookie` has it: RFC 6265bis, 4.1.1.
  ///
  /// - Parameter isSecure: whether the request that it answers came by https.
  func field(isSecure: Bool) -> String {
    // RFC 6265bis, 4.1.3: what the beginnings of these names promise.
    let isHost = name.begins(with: "__Host-")
    let mustBeSecure = isHost || name.begins(with: "__Secure-") || sameSite == .none || isPartitioned
    var field = "\(CookieText.encodedName(name))=\(CookieText.encodedValue(value))"
    if let maxAge {
      let seconds = max(0, maxAge.components.seconds)
      if seconds == 0 { field += "; Expires=Thu, 01 Jan 1970 00:00:00 GMT" }
      field += "; Max-Age=\(seconds)"
    }
    if let domain, !isHost { field += "; Domain=\(CookieText.encodedAttribute(domain))" }
    field += "; Path=\(isHost ? "/" : CookieText.encodedAttribute(path))"
    if secure ?? isSecure || mustBeSecure { field += "; Secure" }
    if httpOnly { field += "; HttpOnly" }
    field += "; SameSite=\(sameSite.rawValue)"
    if isPartitioned { field += "; Partitioned" }
    return field
  }
}
