internal import Green
internal import GreenHTTP

/// Bytes in a cookie that nobody else can make: signed, so that all may read them, or encrypted.
///
/// The first key makes them, and all keys are tried: so keys are changed by putting a new one first, and taking the old
/// one away when no cookie of its is left.
public struct CookieSeal: Sendable {
  private let keys: [SecretKey]
  private let isEncrypted: Bool

  /// Ends the program where there is no key, or one that is too short: whoever guesses it is whoever he wants to be.
  ///
  /// - Parameters:
  ///   - keys: secrets of 22 characters at least, as `openssl rand -base64 32` makes them.
  ///   - isEncrypted: whether who has the cookie cannot read it: AES-256-GCM (NIST SP 800-38D), in place of HMAC-SHA256
  ///     (RFC 2104).
  public init(keys: [String], isEncrypted: Bool = false) {
    requirement(!keys.isEmpty, "sessions need a key: openssl rand -base64 32 makes one")
    for key in keys {
      requirement(
        key.utf8.count >= SecretKey.leastCount,
        "a key of \(key.utf8.count) characters is too short, \(SecretKey.leastCount) are the least: openssl rand -base64 32 makes one"
      )
    }
    self.keys = keys.map { SecretKey($0) }
    self.isEncrypted = isEncrypted
  }

  /// The text of a cookie that holds the bytes.
  ///
  /// - Parameters:
  ///   - bytes: what it holds.
  ///   - name: the cookie's: under another name the text is worth nothing.
  /// - Throws: ``SessionError/failed`` where memory is short.
  public func seal(_ bytes: [UInt8], name: String) throws -> String {
    if isEncrypted {
      guard let sealed = keys[0].seal(bytes, name: name) else { throw SessionError.failed }
      return Base64URL.encode(sealed)
    }
    guard let signature = keys[0].sign(bytes, name: name) else { throw SessionError.failed }
    return Base64URL.encode(bytes) + "." + Base64URL.encode(signature)
  }

  /// The bytes, `nil` where the text was not made by one of the keys, under this name.
  public func open(_ text: String, name: String) -> [UInt8]? {
    if isEncrypted {
      guard let sealed = Base64URL.decode(text.utf8) else { return nil }
      for key in keys { if let bytes = key.open(sealed, name: name) { return bytes } }
      return nil
    }
    guard let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")), let bytes = Base64URL.decode(text.utf8[..<dot]),
      let signature = Base64URL.decode(text.utf8[dot...].dropFirst())
    else { return nil }
    return keys.contains { $0.isSignature(signature, of: bytes, name: name) } ? bytes : nil
  }
}
