internal import FoundationEssentials
internal import GreenHTTP

/// A token in the compact form of RFC 7515, 3.1: three parts of Base64, with dots between.
struct SignedToken {
  /// What is signed: the first two parts as they came.
  let signed: [UInt8]
  let header: Header
  let payload: [UInt8]
  let signature: [UInt8]

  struct Header: Decodable {
    var alg: String
    var kid: String?
    var typ: String?
    /// Whatever is there: what must be understood is not.
    var hasExtensions: Bool

    private enum CodingKeys: CodingKey { case alg, kid, typ, crit }

    init(from decoder: any Decoder) throws {
      let members = try decoder.container(keyedBy: CodingKeys.self)
      alg = try members.decode(String.self, forKey: .alg)
      kid = try members.decodeIfPresent(String.self, forKey: .kid)
      typ = try members.decodeIfPresent(String.self, forKey: .typ)
      hasExtensions = members.contains(.crit)
    }
  }

  /// - Throws: ``JWTError/malformed(_:)``.
  init(_ text: String, most: Int) throws(JWTError) {
    let bytes = Array(text.utf8)
    if bytes.count > most { throw .malformed("it is longer than \(most) bytes") }
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if parts.count == 5 { throw .malformed("it is encrypted") }
    guard parts.count == 3 else { throw .malformed("it has not three parts") }
    guard let header = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
      let signature = Base64URL.decode(parts[2])
    else { throw .malformed("a part of it is not Base64") }
    signed = Array(bytes[..<parts[1].endIndex])
    self.payload = payload
    self.signature = signature
    self.header = try Self.decoded(Header.self, header, "its header is no JSON that says how it was signed")
    if self.header.hasExtensions { throw .malformed("it has extensions that must be understood") }
  }

  /// A part as a value of a type. Nothing of it is shown.
  static func decoded<Value: Decodable>(_ type: Value.Type, _ json: [UInt8], _ problem: String) throws(JWTError)
    -> Value
  {
    do {
      try JSONDepth.check(json, limit: 32)
      return try Self.decoder.decode(type, from: Data(json))
    } catch {
      throw .malformed(problem)
    }
  }

  /// Dates are seconds since 1970 (RFC 7519, 2, *NumericDate*).
  static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .secondsSince1970
    return decoder
  }
}
