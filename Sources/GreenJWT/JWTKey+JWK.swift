internal import CSignatures
internal import GreenHTTP
internal import GreenWeb

/// A key as JSON has it: RFC 7517, 4, RFC 7518, 6, RFC 8037, 2. What is not known is left alone.
struct JSONWebKey: Decodable {
  var kty: String
  var use: String?
  var key_ops: [String]?
  var alg: String?
  var kid: String?
  var crv: String?
  var k: String?
  var n: String?
  var e: String?
  var x: String?
  var y: String?
  var d: String?
  var p: String?
  var q: String?
  var dp: String?
  var dq: String?
  var qi: String?

  /// Whether it is for signatures, as far as it says.
  var isForSignatures: Bool {
    (use ?? "sig") == "sig" && (key_ops.map { $0.contains("verify") || $0.contains("sign") } ?? true)
  }
}

extension JWTKey {
  /// A key as JSON has it (RFC 7517), a private, a public or a secret one.
  ///
  /// - Parameters:
  ///   - jwk: the JSON of one key.
  ///   - algorithm: what it is for, where it does not say (`alg`): then it is RS256 for RSA, and what follows from the
  ///     curve for others.
  /// - Throws: ``JWTError/badKey(_:)``.
  public init(jwk: String, _ algorithm: JWTAlgorithm? = nil) throws(JWTError) {
    let problem = "it is no JSON Web Key"
    guard let key = try? SignedToken.decoded(JSONWebKey.self, Array(jwk.utf8), problem) else { throw .badKey(problem) }
    self = try Self.made(of: key, algorithm)
  }

  static func made(of key: JSONWebKey, _ wanted: JWTAlgorithm? = nil) throws(JWTError) -> JWTKey {
    guard key.isForSignatures else { throw .badKey("it is not for signatures") }
    let algorithm = try algorithm(of: key, wanted)
    switch key.kty {
    case "oct": return try secret(bytes(key.k, "k"), algorithm, id: key.kid)
    case "RSA":
      let isPrivate = key.d != nil
      let parts =
        [("n", key.n), ("e", key.e)]
        + (isPrivate ? [("d", key.d), ("p", key.p), ("q", key.q), ("dp", key.dp), ("dq", key.dq), ("qi", key.qi)] : [])
      var numbers: [[UInt8]] = []
      for (name, text) in parts { numbers.append(try bytes(text, name)) }
      return try JWTKey(handle(rsa(numbers)), algorithm, id: key.kid)
    case "EC":
      let kind = [("P-256", CSIGNATURES_P256), ("P-384", CSIGNATURES_P384), ("P-521", CSIGNATURES_P521)]
        .first { $0.0 == key.crv }?.1
      guard let kind else { throw .badKey("its curve is none of P-256, P-384 and P-521") }
      let (x, y) = (try bytes(key.x, "x"), try bytes(key.y, "y"))
      let d = key.d == nil ? nil : try bytes(key.d, "d")
      let pointer =
        d.map { csignatures_ec(kind, x, x.count, y, y.count, $0, $0.count) }
        ?? csignatures_ec(kind, x, x.count, y, y.count, nil, 0)
      return try JWTKey(handle(pointer), algorithm, id: key.kid)
    case "OKP":
      guard key.crv == "Ed25519" else { throw .badKey("its curve is not Ed25519") }
      let material = try key.d == nil ? bytes(key.x, "x") : bytes(key.d, "d")
      guard material.count == 32 else { throw .badKey("a key of Ed25519 has 32 bytes") }
      return try JWTKey(handle(csignatures_ed25519(material, key.d == nil ? 0 : 1)), algorithm, id: key.kid)
    default: throw .badKey("its type '\(key.kty)' is none of oct, RSA, EC and OKP")
    }
  }

  private static func algorithm(of key: JSONWebKey, _ wanted: JWTAlgorithm?) throws(JWTError) -> JWTAlgorithm {
    if let name = key.alg {
      guard let algorithm = JWTAlgorithm(rawValue: name) else { throw .badKey("its algorithm '\(name)' is not known") }
      if let wanted, wanted != algorithm { throw .badKey("it is for \(name), and not for \(wanted.rawValue)") }
      return algorithm
    }
    if let wanted { return wanted }
    switch (key.kty, key.crv) {
    case ("RSA", _): return .rs256
    case ("EC", "P-256"): return .es256
    case ("EC", "P-384"): return .es384
    case ("EC", "P-521"): return .es512
    case ("OKP", _): return .edDSA
    default: throw .badKey("it does not say for which algorithm it is")
    }
  }

  private static func bytes(_ text: String?, _ name: String) throws(JWTError) -> [UInt8] {
    guard let text, let bytes = Base64URL.decode(Array(text.utf8)) else {
      throw .badKey("its '\(name)' is missing, or not Base64")
    }
    return bytes
  }

  private static func handle(_ pointer: OpaquePointer?) throws(JWTError) -> KeyHandle {
    guard let key = KeyHandle(pointer) else { throw .badKey("its numbers are none of such a key") }
    return key
  }

  /// In the order that `csignatures_rsa` wants.
  private static func rsa(_ numbers: [[UInt8]]) -> OpaquePointer? {
    let all = numbers.flatMap(\.self)
    return all.withUnsafeBufferPointer { bytes in
      var (pointers, counts, offset) = ([UnsafePointer<UInt8>?](), [Int](), 0)
      for number in 0..<8 {
        let count = number < numbers.count ? numbers[number].count : 0
        pointers.append(bytes.baseAddress.map { $0 + offset })
        counts.append(count)
        offset += count
      }
      return csignatures_rsa(pointers, counts)
    }
  }
}
