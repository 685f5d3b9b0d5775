internal import GreenHTTP

/// What is compared with what: RFC 6265, 5.1.
enum CookieRules {
  /// Whether a host is a domain, or lies below it (5.1.3). Addresses have nothing below them.
  static func isHost(_ host: String, within domain: String) -> Bool {
    host == domain || (host.ends(with: "." + domain) && !isAddress(host))
  }

  static func isAddress(_ host: String) -> Bool {
    host.utf8.contains(UInt8(ascii: ":")) || host.utf8.allSatisfy { $0 &- 0x30 < 10 || $0 == UInt8(ascii: ".") }
  }

  /// Whether a request's path lies at or below a cookie's (5.1.4).
  static func isPath(_ path: String, below cookiePath: String) -> Bool {
    guard path.utf8.starts(with: cookiePath.utf8) else { return false }
    return path.utf8.count == cookiePath.utf8.count || cookiePath.ends(with: "/")
      || path.utf8.dropFirst(cookiePath.utf8.count).first == UInt8(ascii: "/")
  }

  static func path(of url: HTTPURL) -> String { String(url.target.prefix { $0 != "?" }) }

  /// The path of a cookie that says none (5.1.4): that of the request, up to its last slash.
  static func defaultPath(of url: HTTPURL) -> String {
    let path = path(of: url)
    guard path.hasPrefix("/"), let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  /// Whether hosts of many owners lie below a domain, so that none of them may set cookies for all: a guess, which knows
  /// registries and nobody else. Of one label it is, and of two where the last is a country's and the first is what registries
  /// there have: `co.uk`, `com.au`.
  static func isPublicSuffix(_ domain: String) -> Bool {
    let labels = domain.pieces(between: ".")
    if labels.count <= 1 { return true }
    guard labels.count == 2, labels[1].utf8.count == 2 else { return false }
    return labels[0].utf8.count <= 2
      || [
        "com", "net", "org", "edu", "gov", "mil", "int", "ltd", "plc", "sch", "nom", "gob", "gouv", "govt", "info",
        "name", "asso",
      ].contains(labels[0])
  }
}
