/// `Forwarded` of RFC 7239: an element for each proxy on the way, in which it tells by whom it was asked, and how.
struct ForwardedField {
  /// One proxy's words.
  private struct Element {
    var node: ForwardedNode?
    var isSecure: Bool?
    var host: String?
    /// The names that have been given: each once.
    var names: Set<String> = []
  }

  static func resolve(_ text: String, trusting trusted: TrustedPeers) throws(HeadFault) -> Forwarding {
    var field = ForwardedField(rest: Substring(text).utf8)
    let elements = try field.readElements()
    // The right-most that was not asked by a trusted proxy, or the first.
    let index = elements.lastIndex { $0.node?.address.map { !trusted.trusts($0) } ?? true } ?? 0
    let client = elements[index]
    return Forwarding(client: client.node?.text, isSecure: client.isSecure, host: client.host)
  }

  /// What has not been read.
  private var rest: Substring.UTF8View

  private mutating func readElements() throws(HeadFault) -> [Element] {
    var elements: [Element] = []
    while true {
      skipBlanks()
      var element = Element()
      while true {
        try readPair(into: &element)
        skipBlanks()
        guard take(0x3b) else { break }
        skipBlanks()
      }
      elements.append(element)
      if rest.isEmpty { return elements }
      guard take(0x2c) else { throw .forwarded }
    }
  }

  /// `token "=" value`.
  private mutating func readPair(into element: inout Element) throws(HeadFault) {
    let name = try readToken().lowercased()
    guard take(0x3d), element.names.insert(name).inserted else { throw .forwarded }
    let value = rest.first == 0x22 ? try readQuoted() : try readToken()
    switch name {
    case "for": element.node = try ForwardedNode(strict: value)
    case "proto": element.isSecure = try Forwarding.isSecure(value)
    case "host": element.host = try Forwarding.host(value)
    // `by`, and what is to come.
    default: break
    }
  }

  private mutating func readToken() throws(HeadFault) -> String {
    let token = rest.prefix { ByteClass.token.contains($0) }
    if token.isEmpty { throw .forwarded }
    rest = rest[token.endIndex...]
    return String(Substring(token))
  }

  /// `quoted-string` of RFC 9110, 5.6.4.
  private mutating func readQuoted() throws(HeadFault) -> String {
    rest = rest.dropFirst()
    var value: [UInt8] = []
    while let byte = rest.popFirst() {
      if byte == 0x22 { return String(decoding: value, as: UTF8.self) }
      if byte != 0x5c {
        value.append(byte)
      } else if let escaped = rest.popFirst() {
        value.append(escaped)
      }
    }
    throw .forwarded
  }

  private mutating func skipBlanks() { rest = rest.drop { $0 == 0x20 || $0 == 0x09 } }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard rest.first == byte else { return false }
    rest = rest.dropFirst()
    return true
  }
}
