internal import GreenHTTP

/// The cookies that a client keeps, as RFC 6265bis, 5 has it of one host: by name and path.
struct CookieJar: Sendable {
  struct Kept: Sendable {
    var name: String
    var value: String
    var path: String
  }

  private var kept: [Kept] = []

  mutating func set(_ cookie: Kept) {
    kept.removeAll { $0.name == cookie.name && $0.path == cookie.path }
    kept.append(cookie)
  }

  /// Takes a `Set-Cookie` field of the answer to a request.
  mutating func read(_ field: String, from requestPath: String) {
    let parts = field.pieces(between: ";").map(\.trimmed)
    guard let pair = parts.first, let mark = pair.utf8.firstIndex(of: UInt8(ascii: "=")) else { return }
    let value = pair[pair.utf8.index(after: mark)...]
    var cookie = Kept(name: String(pair[..<mark]), value: String(value), path: Self.folder(of: requestPath))
    var hasEnded = false
    for attribute in parts.dropFirst() {
      let lowercase = attribute.lowercased()
      if lowercase.begins(with: "path=/") { cookie.path = String(attribute.dropping(bytes: 5)) }
      if lowercase.hasPrefix("max-age="), let age = Int(lowercase.dropFirst(8)), age <= 0 { hasEnded = true }
    }
    if hasEnded { kept.removeAll { $0.name == cookie.name && $0.path == cookie.path } } else { set(cookie) }
  }

  /// Those of a path, the longest paths first.
  func cookies(for path: String) -> [Kept] {
    kept.filter {
      $0.path == path
        || (path.hasPrefix($0.path) && ($0.path.hasSuffix("/") || path.dropFirst($0.path.count).first == "/"))
    }
    .sorted { $0.path.utf8.count > $1.path.utf8.count }
  }

  /// RFC 6265bis, 5.1.4: where a cookie is for that says no path.
  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }
}
