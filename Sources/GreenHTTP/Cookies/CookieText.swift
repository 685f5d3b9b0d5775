/// How names and values of cookies are written and read.
enum CookieText {
  /// The name of a cookie, a token (RFC 6265bis, 4.1.1).
  static func encodedName(_ name: String) -> String {
    PercentEncoding.encoded(name) { ByteClass.token.contains($0) && $0 != 0x25 }
  }

  /// `cookie-octet`s, except `%`, which begins an escape here.
  static func encodedValue(_ value: String) -> String {
    PercentEncoding.encoded(value) { byte in
      switch byte {
      case 0x22, 0x25, 0x2c, 0x3b, 0x5c: false
      default: byte > 0x20 && byte < 0x7f
      }
    }
  }

  /// What an attribute says: no control characters, and no `;`.
  static func encodedAttribute(_ text: String) -> String {
    PercentEncoding.encoded(text) { $0 >= 0x20 && $0 < 0x7f && $0 != 0x3b }
  }

  /// The cookies that a `Cookie` field brings. What is not a pair is left out, as RFC 6265bis, 5.4 would have done.
  static func parse(_ field: String) -> NamedValues {
    var cookies = NamedValues()
    for part in field.utf8.split(separator: UInt8(ascii: ";")) {
      guard let mark = part.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let name = decodedName(trimmed(part[..<mark]))
      if name.isEmpty { continue }
      cookies.append(name, decoded(unquoted(trimmed(part[part.index(after: mark)...]))))
    }
    return cookies
  }

  private static func trimmed(_ part: Substring.UTF8View) -> Substring.UTF8View {
    var part = part
    while let byte = part.first, byte == 0x20 || byte == 0x09 { part.removeFirst() }
    while let byte = part.last, byte == 0x20 || byte == 0x09 { part.removeLast() }
    return part
  }

  /// RFC 6265bis, 4.1.1 lets a value stand in quotes.
  private static func unquoted(_ part: Substring.UTF8View) -> Substring.UTF8View {
    guard part.count >= 2, part.first == 0x22, part.last == 0x22 else { return part }
    return part.dropFirst().dropLast()
  }

  /// As it was before ``encodedName(_:)``. One that would become `__Host-…` or `__Secure-…` by that stays as it is: of such names
  /// browsers promise who has set them (RFC 6265bis, 4.1.3), and of others they do not.
  private static func decodedName(_ part: Substring.UTF8View) -> String {
    guard part.contains(0x25) else { return String(Substring(part)) }
    let name = decoded(part)
    let becomesPromise = ["__host-", "__secure-"].contains { promise in
      name.lowercased().utf8.starts(with: promise.utf8)
        && !String(Substring(part)).lowercased().utf8.starts(with: promise.utf8)
    }
    return becomesPromise ? String(Substring(part)) : name
  }

  private static func decoded(_ part: Substring.UTF8View) -> String {
    guard part.contains(0x25) else { return String(Substring(part)) }
    return Array(part).withUnsafeBytes { PercentEncoding.decodedLeniently($0) }
  }
}
