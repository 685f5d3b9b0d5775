internal import CSignatures
internal import GreenHTTP

/// A key that tokens are signed or checked with, for one algorithm: a token that says another is not checked with it,
/// whatever the key would make of it.
///
/// ```swift
/// let shared = try JWTKey.secret(Array(secret.utf8))
/// let own = try JWTKey.privateKey(pem: pem, .es256, id: "2026-11")
/// let theirs = try JWTKey.publicKey(pem: pem, .rs256)
/// ```
public struct JWTKey: Sendable {
  /// The algorithm that it is for.
  public let algorithm: JWTAlgorithm
  /// By which name tokens refer to it (`kid`; RFC 7515, 4.1.4); `nil` where they need not.
  public let id: String?
  /// Whether tokens can be signed with it.
  public let canSign: Bool
  let material: Material

  enum Material: Sendable {
    case secret([UInt8])
    case key(KeyHandle)
  }

  /// A secret that whoever makes tokens and whoever checks them share.
  ///
  /// - Parameters:
  ///   - secret: random bytes, at least as many as the digest has: 32 for `.hs256`, 48 for `.hs384`, 64 for `.hs512`
  ///     (RFC 7518, 3.2).
  ///   - algorithm: one of HMAC's.
  ///   - id: see ``id``.
  /// - Throws: ``JWTError/badKey(_:)``.
  public static func secret(
    _ secret: [UInt8], _ algorithm: JWTAlgorithm = .hs256, id: String? = nil
  ) throws(JWTError) -> JWTKey {
    guard algorithm.isHMAC else {
      throw .badKey("\(algorithm.rawValue) needs a key of \(algorithm.keyName), and not a secret")
    }
    guard secret.count >= algorithm.bits / 8 else {
      throw .badKey(
        "a secret for \(algorithm.rawValue) has at least \(algorithm.bits / 8) bytes, and this one \(secret.count)")
    }
    return JWTKey(algorithm: algorithm, id: id, canSign: true, material: .secret(secret))
  }

  /// A private key in PEM, without a passphrase, as `openssl genpkey` writes it: it signs, and checks.
  ///
  /// - Throws: ``JWTError/badKey(_:)`` where it is none, or not for the algorithm. RSA keys have 2,048 bits at least
  ///   (RFC 7518, 3.3).
  public static func privateKey(
    pem: String, _ algorithm: JWTAlgorithm, id: String? = nil
  ) throws(JWTError) -> JWTKey {
    let bytes = Array(pem.utf8)
    guard let key = KeyHandle(csignatures_private_pem(bytes, bytes.count)) else {
      throw .badKey("it is no private key in PEM, or needs a passphrase")
    }
    return try JWTKey(key, algorithm, id: id)
  }

  /// A public key in PEM, or a certificate's: it checks.
  ///
  /// - Throws: as ``privateKey(pem:_:id:)``.
  public static func publicKey(
    pem: String, _ algorithm: JWTAlgorithm, id: String? = nil
  ) throws(JWTError) -> JWTKey {
    let bytes = Array(pem.utf8)
    guard let key = KeyHandle(csignatures_public_pem(bytes, bytes.count)) else {
      throw .badKey("it is neither a public key nor a certificate in PEM")
    }
    return try JWTKey(key, algorithm, id: id)
  }

  private init(algorithm: JWTAlgorithm, id: String?, canSign: Bool, material: Material) {
    (self.algorithm, self.id, self.canSign, self.material) = (algorithm, id, canSign, material)
  }

  init(_ key: KeyHandle, _ algorithm: JWTAlgorithm, id: String?) throws(JWTError) {
    guard let kind = algorithm.kind, kind == csignatures_kind_of(key.pointer) else {
      throw .badKey("\(algorithm.rawValue) needs \(algorithm.keyName), and this is another kind of key")
    }
    if kind == CSIGNATURES_RSA {
      let bits = csignatures_bits(key.pointer)
      if bits < 2048 { throw .badKey("an RSA key has at least 2048 bits, and this one \(bits)") }
      // What takes long to compute with is no key to take from anybody.
      if bits > 16_384 { throw .badKey("an RSA key has at most 16384 bits, and this one \(bits)") }
    }
    self.init(
      algorithm: algorithm, id: id, canSign: csignatures_is_private(key.pointer) != 0, material: .key(key))
  }
}

/// A key of OpenSSL's.
///
/// Unsafe as `Sendable`: OpenSSL only reads it once it is made.
final class KeyHandle: @unchecked Sendable {
  let pointer: OpaquePointer

  /// - Returns: `nil` where there is none.
  init?(_ pointer: OpaquePointer?) {
    guard let pointer else { return nil }
    self.pointer = pointer
  }

  deinit { csignatures_free(pointer) }
}

extension JWTKey {
  /// The signature of some bytes.
  func sign(_ bytes: [UInt8]) throws(JWTError) -> [UInt8] {
    switch material {
    case .secret(let secret):
      guard let mac = mac(of: bytes, secret) else { throw .notSigned("memory is short") }
      return mac
    case .key(let key):
      guard canSign else { throw .notSigned("the key is public") }
      let capacity = csignatures_size(key.pointer)
      let signature = [UInt8](unsafeUninitializedCapacity: capacity) { memory, count in
        count = csignatures_sign(
          key.pointer, algorithm.scheme, Int32(algorithm.bits), bytes, bytes.count, memory.baseAddress, capacity)
      }
      if signature.isEmpty { throw .notSigned("OpenSSL refuses to") }
      return signature
    }
  }

  /// Whether it is the signature of some bytes.
  func isSignature(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
    switch material {
    case .secret(let secret):
      guard let right = mac(of: bytes, secret), right.count == signature.count else { return false }
      return csignatures_equal(right, signature, right.count) != 0
    case .key(let key):
      return csignatures_verify(
        key.pointer, algorithm.scheme, Int32(algorithm.bits), bytes, bytes.count, signature, signature.count) != 0
    }
  }

  private func mac(of bytes: [UInt8], _ secret: [UInt8]) -> [UInt8]? {
    let mac = [UInt8](unsafeUninitializedCapacity: Int(CSIGNATURES_MAC)) { memory, count in
      count = csignatures_mac(
        Int32(algorithm.bits), secret, secret.count, bytes, bytes.count, memory.baseAddress)
    }
    return mac.isEmpty ? nil : mac
  }
}
