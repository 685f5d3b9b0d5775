internal import CSHA1

/// The proof that a server has understood a WebSocket's handshake (RFC 6455, 4.2.2).
enum AcceptKey {
  /// The value of `Sec-WebSocket-Accept` for that of `Sec-WebSocket-Key`.
  static func accept(for key: String) -> String {
    let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
    var digest = [UInt8](repeating: 0, count: 20)
    csha1_digest(text, text.count, &digest)
    return Base64.encode(digest)
  }

  /// A key that no other connection has: 16 random bytes.
  static func make() -> String {
    var random = SystemRandomNumberGenerator()
    return Base64.encode((0..<16).map { _ in random.next() })
  }

  /// Whether a client's key is 16 bytes in base64.
  static func isValid(_ key: String) -> Bool {
    key.utf8.count == 24 && key.hasSuffix("==")
      && key.utf8.dropLast(2).allSatisfy { Base64.alphabet.contains($0) }
  }
}

/// RFC 4648, 4: for keys of a handshake only.
private enum Base64 {
  static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let three = bytes[start..<min(start + 3, bytes.count)]
      let bits = three.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - three.count))
      for place in 0..<4 {
        text.append(place <= three.count ? alphabet[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
