internal import CSHA1
internal import GreenHTTP

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
    key.utf8.count == 24 && key.ends(with: "==")
      && key.utf8.dropLast(2).allSatisfy { Base64.alphabet.contains($0) }
  }
}
