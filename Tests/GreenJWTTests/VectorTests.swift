import SuiteSupport
import Testing

@testable import GreenHTTP
@testable import GreenJWT

/// The examples of RFC 7515, RFC 7519 and RFC 8037.
@Suite(.bounded) struct VectorTests {
  private struct Claims: Codable, Equatable {
    var iss: String
    var exp: Int
    var isRoot: Bool
    enum CodingKeys: String, CodingKey {
      case iss, exp
      case isRoot = "http://example.com/is_root"
    }
  }

  private static let claims =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
  private static let secret =
    #"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#
  private static let rsa =
    #"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#
  private static let p256 =
    #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#
  private static let ed25519 =
    #"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#

  private func verified(_ token: String, _ key: JWTKey) throws -> Claims {
    try JWT(JWTKeys(key), issuer: "joe").verify(token, as: Claims.self, now: 1_300_819_370)
  }

  /// RFC 7515, A.1, which is RFC 7519, 3.1.
  @Test func hmac() throws {
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\(Self.claims).dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    let key = try JWTKey(jwk: Self.secret, .hs256)
    #expect(try verified(token, key) == Claims(iss: "joe", exp: 1_300_819_380, isRoot: true))
    #expect(throws: JWTError.self) {
      try JWT(JWTKeys(key), leeway: .zero).verify(token, as: Claims.self, now: 1_300_819_380)
    }
  }

  /// RFC 7515, A.2.
  @Test func rsa() throws {
    let token =
      "eyJhbGciOiJSUzI1NiJ9.\(Self.claims).cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    let key = try JWTKey(jwk: Self.rsa)
    #expect(key.algorithm == .rs256 && !key.canSign)
    #expect(try verified(token, key).isRoot)
  }

  /// RFC 7515, A.3.
  @Test func ecdsa() throws {
    let token =
      "eyJhbGciOiJFUzI1NiJ9.\(Self.claims).DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    let key = try JWTKey(jwk: Self.p256)
    #expect(key.algorithm == .es256 && key.canSign)
    #expect(try verified(token, key).isRoot)
  }

  /// RFC 8037, A.4: its content is text, and its signature has one form only.
  @Test func edDSA() throws {
    let token =
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    let key = try JWTKey(jwk: Self.ed25519)
    let payload = try JWT(JWTKeys(key)).payload(of: token)
    #expect(String(decoding: payload, as: UTF8.self) == "Example of Ed25519 signing")
    let signed = Array(token.utf8.prefix(token.utf8.count - 87))
    #expect(try Base64URL.encode(key.sign(signed)) == String(token.suffix(86)))
    #expect(throws: JWTError.self) { try JWT(JWTKeys(key)).verify(token, as: Claims.self) }
  }

  /// RFC 7519, 6.1: whatever keys there are.
  @Test(arguments: [
    "eyJhbGciOiJub25lIn0.\(claims).",
    // {"alg":"None"}, {"alg":"NONE"}, {"alg":""}
    "eyJhbGciOiJOb25lIn0.\(claims).", "eyJhbGciOiJOT05FIn0.\(claims).", "eyJhbGciOiIifQ.\(claims).",
    "eyJhbGciOiJub25lIn0.\(claims).dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
  ])
  func whatIsNotSignedIsRefused(token: String) throws {
    for key in [Self.rsa, Self.p256, Self.ed25519] {
      #expect(throws: JWTError.self) { try verified(token, JWTKey(jwk: key)) }
    }
    #expect {
      try verified(token, JWTKey(jwk: Self.secret, .hs256))
    } throws: { error in
      if case JWTError.algorithmRefused = error { true } else { false }
    }
  }
}
