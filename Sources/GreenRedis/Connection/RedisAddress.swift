/// Where a Redis server is: `redis://user:password@host:6379/0`, `rediss://` for TLS, `unix:///run/redis.sock?db=1`,
/// `host:port`, or a path.
struct RedisAddress: Sendable, Equatable {
  enum Place: Sendable, Equatable {
    case host(String, UInt16)
    case path(String)
  }

  var place: Place
  var user: String?
  var password: String?
  var database = 0
  /// Whether the connection is encrypted by TLS.
  var isEncrypted = false

  init(_ text: String) throws {
    let wrong = RedisConnectionError.address(Self.withoutPassword(text))
    if text.hasPrefix("/") {
      place = .path(text)
      return
    }
    var rest = text[...]
    if rest.hasPrefix("unix://") {
      rest.removeFirst(7)
      let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
      place = .path(String(parts[0]))
      if parts.count == 2 {
        guard parts[1].hasPrefix("db="), let number = Int(parts[1].dropFirst(3)), number >= 0 else { throw wrong }
        database = number
      }
      guard parts[0].hasPrefix("/") else { throw wrong }
      return
    }
    place = .host("127.0.0.1", 6379)
    isEncrypted = rest.hasPrefix("rediss://")
    if isEncrypted || rest.hasPrefix("redis://") {
      rest.removeFirst(isEncrypted ? 9 : 8)
    } else if text.contains("://") {
      throw wrong
    }
    if let at = rest.lastIndex(of: "@") {
      guard takeCredentials(rest[..<at]) else { throw wrong }
      rest = rest[at...].dropFirst()
    }
    if let slash = rest.firstIndex(of: "/") {
      let digits = rest[slash...].dropFirst()
      guard digits.isEmpty || Int(digits).map({ $0 >= 0 }) == true else { throw wrong }
      database = Int(digits) ?? 0
      rest = rest[..<slash]
    }
    guard let found = Self.host(rest) else { throw wrong }
    place = found
  }

  private mutating func takeCredentials(_ text: Substring) -> Bool {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(Self.decoded)
    guard parts.allSatisfy({ $0 != nil }) else { return false }
    if parts.count == 2 {
      user = parts[0]!.isEmpty ? nil : parts[0]
      password = parts[1]
    } else {
      password = parts[0]
    }
    return true
  }

  private static func host(_ text: Substring) -> Place? {
    var host = text
    var port: UInt16 = 6379
    if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
      guard let number = UInt16(text[colon...].dropFirst()) else { return nil }
      port = number
      host = text[..<colon]
    }
    if host.hasPrefix("[") && host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      // An address of IPv6: what of it would be the port?
      return nil
    }
    return host.isEmpty ? nil : .host(String(host), port)
  }

  /// `%40` as `@`.
  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let value = UInt8(Substring(rest.prefix(2)), radix: 16), rest.count >= 2 else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// For a message.
  private static func withoutPassword(_ text: String) -> String {
    guard let at = text.lastIndex(of: "@") else { return text }
    return "…" + text[at...]
  }
}
