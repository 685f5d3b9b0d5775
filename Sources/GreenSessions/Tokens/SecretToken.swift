internal import CSecrets
internal import GreenHTTP

/// A secret that a program gives to somebody and knows again: the key of an API's client, a link to choose a new password by.
///
/// ```swift
/// let token = try SecretToken()
/// try db.execute("insert into tokens (digest, owner) values (\(token.digest), \(user.id))")
/// return Reply(["token": token.text], status: .created)   // shown this once
///
/// guard let text = request.bearerToken else { throw HTTPError(.unauthorized) }
/// let owner = try db.value("select owner from tokens where digest = \(SecretToken(text).digest)", as: Int.self)
/// ```
///
/// What is kept is the digest: who reads the table has no token. It needs neither salt nor much time, as a password's does, since
/// nobody can guess 256 bits.
public struct SecretToken: Sendable, Hashable {
  /// What the other is given: letters, digits, `-` and `_`.
  public let text: String
  /// SHA-256 of the text (FIPS 180-4), as 64 hexadecimal digits: what is kept.
  public let digest: String

  /// A new one of 256 bits: `RAND_bytes(3)`.
  ///
  /// - Throws: ``SessionError/failed``.
  public init() throws { self.init(Base64URL.encode(try SecureRandom.bytes(32))) }

  /// One that somebody has sent.
  public init(_ text: String) {
    self.text = text
    var text = text
    let digits = Array("0123456789abcdef".utf8)
    let digest = text.withUTF8 { bytes in
      var digest = [UInt8](repeating: 0, count: Int(CSECRETS_DIGEST))
      csecrets_digest(bytes.baseAddress, bytes.count, &digest)
      return digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
    self.digest = String(decoding: digest, as: UTF8.self)
  }
}

extension SecretToken: CustomStringConvertible {
  /// Not the text, which belongs into no log.
  public var description: String { "a secret token" }
}
