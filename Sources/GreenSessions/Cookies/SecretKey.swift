internal import CSecrets

/// One of an application's secrets, ready to sign and to encrypt.
///
/// Unsafe as `Sendable`: OpenSSL only reads the key once it is made.
final class SecretKey: @unchecked Sendable {
  private let signer: OpaquePointer
  /// For encryption, a key of its own that follows from the secret.
  private let encryption: [UInt8]

  /// The least that a secret must have: what 128 bits look like in Base64.
  static var leastCount: Int { 22 }

  init(_ secret: String) {
    let bytes = Array(secret.utf8)
    guard let signer = csecrets_signer_create(bytes, bytes.count) else { fatalError("memory is short") }
    self.signer = signer
    guard let encryption = Self.sign(signer, "encryption", Array("greenfinch sessions 1".utf8)) else {
      fatalError("memory is short")
    }
    self.encryption = encryption
  }

  deinit { csecrets_signer_free(signer) }

  /// The signature of bytes under a name: those of another cookie have another.
  func sign(_ bytes: some Collection<UInt8>, name: String) -> [UInt8]? { Self.sign(signer, name, Array(bytes)) }

  func isSignature(_ signature: [UInt8], of bytes: [UInt8], name: String) -> Bool {
    guard let right = sign(bytes, name: name), signature.count == right.count else { return false }
    return csecrets_equal(signature, right, right.count) != 0
  }

  private static func sign(_ signer: OpaquePointer, _ name: String, _ bytes: [UInt8]) -> [UInt8]? {
    var name = name
    var isDone = false
    let signature = [UInt8](unsafeUninitializedCapacity: Int(CSECRETS_SIGNATURE)) { signature, count in
      isDone =
        name.withUTF8 { csecrets_sign(signer, $0.baseAddress, $0.count, bytes, bytes.count, signature.baseAddress) }
        != 0
      count = isDone ? signature.count : 0
    }
    return isDone ? signature : nil
  }

  func seal(_ bytes: [UInt8], name: String) -> [UInt8]? {
    var name = name
    var isDone = false
    let extra = Int(CSECRETS_NONCE + CSECRETS_TAG)
    let sealed = [UInt8](unsafeUninitializedCapacity: bytes.count + extra) { sealed, count in
      isDone =
        name.withUTF8 { csecrets_seal(encryption, $0.baseAddress, $0.count, bytes, bytes.count, sealed.baseAddress) }
        != 0
      count = isDone ? bytes.count + extra : 0
    }
    return isDone ? sealed : nil
  }

  func open(_ sealed: [UInt8], name: String) -> [UInt8]? {
    var name = name
    var found = -1
    let bytes = [UInt8](unsafeUninitializedCapacity: sealed.count) { bytes, count in
      found = name.withUTF8 {
        csecrets_open(encryption, $0.baseAddress, $0.count, sealed, sealed.count, bytes.baseAddress)
      }
      count = max(0, found)
    }
    return found < 0 ? nil : bytes
  }
}
