/// The claims that mean the same in all tokens: RFC 7519, 4.1.
struct RegisteredClaims: Decodable {
  var iss: String?
  var aud: [String]?
  var exp: Double?
  var nbf: Double?

  enum CodingKeys: CodingKey { case iss, aud, exp, nbf }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    iss = try container.decodeIfPresent(String.self, forKey: .iss)
    exp = try container.decodeIfPresent(Double.self, forKey: .exp)
    nbf = try container.decodeIfPresent(Double.self, forKey: .nbf)
    // 4.1.3: one, or several.
    if let one = try? container.decode(String.self, forKey: .aud) {
      aud = [one]
    } else {
      aud = try container.decodeIfPresent([String].self, forKey: .aud)
    }
  }
}
