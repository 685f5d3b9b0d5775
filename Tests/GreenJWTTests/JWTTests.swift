import GreenHTTP
import GreenTesting
import GreenWeb
import GreenWebTesting
import HTTPTypes
import SuiteSupport
import Testing

@testable import GreenJWT

/// RFC 7519, 7.2, and what RFC 8725 warns of.
@Suite(.bounded) struct JWTTests {
  struct Claims: Codable, Equatable {
    var sub: String
    var roles: [String]? = nil
  }

  private static let now = 1_764_449_499.0

  static let pairs: [(JWTAlgorithm, @Sendable () throws -> JWTKey, @Sendable () throws -> JWTKey)] = [
    (.hs256, { try .secret(TestKeys.longSecret, .hs256) }, { try .secret(TestKeys.longSecret, .hs256) }),
    (.hs384, { try .secret(TestKeys.longSecret, .hs384) }, { try .secret(TestKeys.longSecret, .hs384) }),
    (.hs512, { try .secret(TestKeys.longSecret, .hs512) }, { try .secret(TestKeys.longSecret, .hs512) }),
    (.rs256, { try .privateKey(pem: TestKeys.rsa, .rs256) }, { try .publicKey(pem: TestKeys.rsaPublic, .rs256) }),
    (.rs384, { try .privateKey(pem: TestKeys.rsa, .rs384) }, { try .publicKey(pem: TestKeys.rsaPublic, .rs384) }),
    (.rs512, { try .privateKey(pem: TestKeys.rsa, .rs512) }, { try .publicKey(pem: TestKeys.rsaPublic, .rs512) }),
    (.ps256, { try .privateKey(pem: TestKeys.rsa, .ps256) }, { try .publicKey(pem: TestKeys.rsaPublic, .ps256) }),
    (.ps384, { try .privateKey(pem: TestKeys.rsa, .ps384) }, { try .publicKey(pem: TestKeys.rsaPublic, .ps384) }),
    (.ps512, { try .privateKey(pem: TestKeys.rsa, .ps512) }, { try .publicKey(pem: TestKeys.rsaPublic, .ps512) }),
    (.es256, { try .privateKey(pem: TestKeys.p256, .es256) }, { try .publicKey(pem: TestKeys.p256Public, .es256) }),
    (.es384, { try .privateKey(pem: TestKeys.p384, .es384) }, { try .publicKey(pem: TestKeys.p384Public, .es384) }),
    (.es512, { try .privateKey(pem: TestKeys.p521, .es512) }, { try .publicKey(pem: TestKeys.p521Public, .es512) }),
    (
      .edDSA, { try .privateKey(pem: TestKeys.ed25519, .edDSA) },
      { try .publicKey(pem: TestKeys.ed25519Public, .edDSA) }
    ),
  ]

  private var jwt: JWT {
    get throws { JWT(try JWTKeys(.secret(TestKeys.secret)), leeway: .seconds(10)) }
  }

  /// A token of parts that need not make sense.
  private func token(_ header: String, _ claims: String, _ key: JWTKey) throws -> String {
    let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
    return signed + "." + Base64URL.encode(try key.sign(Array(signed.utf8)))
  }

  private func failure(_ token: String, _ jwt: JWT, now: Double = now) -> JWTError? {
    do {
      _ = try jwt.verify(token, as: Claims.self, now: now)
      return nil
    } catch {
      return error as? JWTError
    }
  }

  // MARK: Signatures

  @Test(arguments: pairs.indices)
  func whatOneKeySignsTheOtherChecks(index: Int) throws {
    let (algorithm, signing, checking) = Self.pairs[index]
    let (own, other) = (JWT(JWTKeys(try signing())), JWT(JWTKeys(try checking())))
    let claims = Claims(sub: "eve", roles: ["a", "b"])
    for _ in 0..<10 {
      let text = try own.sign(claims, for: .seconds(60), now: Self.now)
      #expect(text.hasPrefix(Base64URL.encode(Array(#"{"alg":"\#(algorithm.rawValue)","typ":"JWT"}"#.utf8))))
      #expect(try other.verify(text, now: Self.now) == claims)
      #expect(try own.verify(text, now: Self.now) == claims)
    }
  }

  @Test(arguments: pairs.indices)
  func whatWasChangedIsRefused(index: Int) throws {
    let (_, signing, checking) = Self.pairs[index]
    let other = JWT(JWTKeys(try checking()))
    let text = try JWT(JWTKeys(try signing())).sign(Claims(sub: "eve"), for: .seconds(60), now: Self.now)
    let parts = text.split(separator: ".").map(String.init)
    // Each byte of the signature, and each of the claims.
    for part in 1...2 {
      let bytes = try #require(Base64URL.decode(Array(parts[part].utf8)))
      for place in bytes.indices {
        var changed = bytes
        changed[place] ^= UInt8(1 << (place % 8))
        var all = parts
        all[part] = Base64URL.encode(changed)
        #expect(failure(all.joined(separator: "."), other) != nil, "byte \(place) of part \(part)")
      }
    }
    let signature = try #require(Base64URL.decode(Array(parts[2].utf8)))
    for wrong in [
      [], Array(signature.dropLast()), signature + [0], [0] + signature, [UInt8](repeating: 0, count: signature.count),
    ] {
      #expect(failure("\(parts[0]).\(parts[1]).\(Base64URL.encode(wrong))", other) == .badSignature)
    }
  }

  /// A signature of ECDSA in the form of OpenSSL's own is another text for the same signature.
  @Test func signaturesOfECDSAHaveOneForm() throws {
    let key = try JWTKey.privateKey(pem: TestKeys.p256, .es256)
    for _ in 0..<50 { #expect(try key.sign([1, 2, 3]).count == 64) }
    #expect(try JWTKey.privateKey(pem: TestKeys.p521, .es512).sign([1]).count == 132)
  }

  /// RFC 8725, 2.1: a public key taken for a secret.
  @Test func theKeySaysWhichAlgorithmItIs() throws {
    let checking = JWT(try JWTKeys(.publicKey(pem: TestKeys.rsaPublic, .rs256)))
    let forger = try JWTKey.secret(Array(TestKeys.rsaPublic.utf8), .hs256)
    let claims = #"{"sub":"eve","exp":\#(Int(Self.now) + 60)}"#
    #expect(failure(try token(#"{"alg":"HS256"}"#, claims, forger), checking) == .algorithmRefused("HS256"))
    // A signature by HMAC under the name of the other.
    #expect(failure(try token(#"{"alg":"RS256"}"#, claims, forger), checking) == .badSignature)
    // Another of the same key's.
    let other = try JWTKey.privateKey(pem: TestKeys.rsa, .ps256)
    #expect(failure(try token(#"{"alg":"PS256"}"#, claims, other), checking) == .algorithmRefused("PS256"))
    #expect(failure(try token(#"{"alg":"RS256"}"#, claims, other), checking) == .badSignature)
    #expect(failure(try token(#"{"alg":"rs256"}"#, claims, other), checking) == .algorithmRefused("rs256"))
  }

  @Test func whatATokenBringsAsAKeyIsNone() throws {
    let forger = try JWTKey.privateKey(pem: TestKeys.p256, .es256)
    let checking = JWT(try JWTKeys(.publicKey(pem: TestKeys.p384Public, .es384), .secret(TestKeys.secret)))
    let header = #"{"alg":"ES256","jwk":{"kty":"EC"},"jku":"http://127.0.0.1/","x5u":"http://127.0.0.1/","x5c":["x"]}"#
    #expect(
      failure(try token(header, #"{"sub":"eve","exp":9999999999}"#, forger), checking) == .algorithmRefused("ES256"))
  }

  // MARK: Keys

  @Test func tokensNameTheirKeys() throws {
    let (old, new) = (try JWTKey.secret(TestKeys.secret, id: "1"), try JWTKey.secret(TestKeys.longSecret, id: "2"))
    let before = JWT(JWTKeys(old)), both = JWT(JWTKeys(new, old)), after = JWT(JWTKeys(new))
    let token = try before.sign(Claims(sub: "eve"), for: .seconds(60), now: Self.now)
    #expect(failure(token, both) == nil && failure(token, after) == .unknownKey("1"))
    let next = try both.sign(Claims(sub: "eve"), for: .seconds(60), now: Self.now)
    #expect(failure(next, after) == nil && failure(next, before) == .unknownKey("2"))
    // The name of one, signed by the other.
    #expect(
      failure(try self.token(#"{"alg":"HS256","kid":"2"}"#, #"{"sub":"a","exp":9999999999}"#, old), both)
        == .badSignature)
    // Keys without names are tried.
    #expect(failure(token, JWT(JWTKeys(try .secret(TestKeys.secret)))) == nil)
    #expect(failure(try self.token(#"{"alg":"HS256"}"#, #"{"sub":"a","exp":9999999999}"#, old), both) == nil)
  }

  @Test func keysThatAreNotGoodEnoughAreRefused() {
    func problem(_ make: () throws(JWTError) -> JWTKey) -> String {
      do {
        _ = try make()
        return "taken"
      } catch {
        return error.description
      }
    }
    #expect(
      problem { () throws(JWTError) in try .secret(Array("short".utf8)) }
        == "the key cannot be used: a secret for HS256 has at least 32 bytes, and this one 5")
    #expect(problem { () throws(JWTError) in try .secret(TestKeys.secret, .hs512) }.contains("at least 64"))
    #expect(
      problem { () throws(JWTError) in try .secret(TestKeys.secret, .rs256) }.contains(
        "RS256 needs a key of RSA, and not a secret"))
    #expect(
      problem { () throws(JWTError) in try .privateKey(pem: TestKeys.small, .rs256) }.contains(
        "at least 2048 bits, and this one 1024"))
    #expect(
      problem { () throws(JWTError) in try .privateKey(pem: TestKeys.p256, .es384) }.contains("ES384 needs P-384"))
    #expect(
      problem { () throws(JWTError) in try .privateKey(pem: TestKeys.secp256k1, .es256) }.contains("ES256 needs P-256"))
    #expect(problem { () throws(JWTError) in try .privateKey(pem: TestKeys.p256, .rs256) }.contains("RS256 needs RSA"))
    #expect(
      problem { () throws(JWTError) in try .privateKey(pem: TestKeys.p256, .hs256) }.contains("HS256 needs a secret"))
    #expect(
      problem { () throws(JWTError) in try .privateKey(pem: TestKeys.p256Locked, .es256) }.contains(
        "needs a passphrase"))
    #expect(
      problem { () throws(JWTError) in try .privateKey(pem: TestKeys.p256Public, .es256) }.contains("no private key"))
    #expect(
      problem { () throws(JWTError) in try .publicKey(pem: "-----BEGIN", .es256) }.contains("neither a public key"))
    #expect(problem { () throws(JWTError) in try .publicKey(pem: "", .es256) }.contains("neither a public key"))
  }

  @Test func certificatesHaveKeys() throws {
    let text = try JWT(JWTKeys(.privateKey(pem: TestKeys.p256, .es256))).sign(
      Claims(sub: "a"), for: .seconds(60), now: Self.now)
    #expect(failure(text, JWT(try JWTKeys(.publicKey(pem: TestKeys.p256Certificate, .es256)))) == nil)
  }

  @Test func publicKeysDoNotSign() throws {
    let jwt = JWT(try JWTKeys(.publicKey(pem: TestKeys.rsaPublic, .rs256)))
    #expect(throws: JWTError.notSigned("all keys are public")) { try jwt.sign(Claims(sub: "a"), for: .seconds(1)) }
  }

  @Test(arguments: [
    ("{}", "no JSON Web Key"), ("", "no JSON Web Key"), (#"{"kty":"x"}"#, "does not say for which algorithm"),
    (#"{"kty":"RSA"}"#, "'n' is missing"), (#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, "the key cannot be used"),
    (#"{"kty":"RSA","n":"A=","e":"AQAB"}"#, "'n' is missing, or not Base64"),
    (#"{"kty":"RSA","n":"","e":""}"#, "numbers are none"),
    (#"{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}"#, "numbers are none"),
    // Not a point of the curve.
    (
      #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}"#,
      "numbers are none"
    ),
    // The number of another point.
    (
      #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LM"}"#,
      "numbers are none"
    ),
    (#"{"kty":"OKP","crv":"Ed25519","x":"AQAB"}"#, "32 bytes"),
    (#"{"kty":"OKP","crv":"X25519","x":"AQAB"}"#, "not Ed25519"),
    (#"{"kty":"oct","k":"AQAB","alg":"HS256"}"#, "at least 32 bytes"),
    (#"{"kty":"oct","k":"AQAB"}"#, "does not say for which"),
    (#"{"kty":"RSA","alg":"none","n":"AQAB","e":"AQAB"}"#, "'none' is not known"),
    (#"{"kty":"oct","use":"enc","k":"AQAB"}"#, "not for signatures"),
    (#"{"kty":"oct","alg":"RS256","k":"AQAB"}"#, "not a secret"),
  ])
  func jsonThatIsNoKeyIsRefused(jwk: String, problem: String) {
    do {
      _ = try JWTKey(jwk: jwk)
      Issue.record("taken")
    } catch {
      #expect(error.description.contains(problem), "\(error)")
    }
  }

  @Test func setsOfKeysHaveThoseThatCanBeUsed() throws {
    let set = #"""
      {"keys": [
        {"kty": "new", "kid": "0"}, {"kid": "1"}, 7,
        {"kty": "OKP", "crv": "Ed25519", "kid": "2", "use": "sig", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
        {"kty": "EC", "crv": "P-256", "kid": "3", "use": "enc", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
      ]}
      """#
    #expect(try JWTKeys(jwks: set).keys.map(\.id) == ["2"])
    for wrong in ["{}", "[]", #"{"keys":[]}"#, #"{"keys":[{"kty":"new"}]}"#] {
      #expect(throws: JWTError.self) { try JWTKeys(jwks: wrong) }
    }
    #expect(throws: JWTError.self) { try JWTKeys([]) }
  }

  // MARK: Form

  @Test(arguments: [
    ("", "it has not three parts"), ("a.b", "it has not three parts"), ("a.b.c.d", "it has not three parts"),
    ("a.b.c.d.e", "it is encrypted"), ("..", "its header is no JSON that says how it was signed"),
    ("e30.e30.AA", "its header is no JSON that says how it was signed"), ("e30=.e30.AA", "a part of it is not Base64"),
    ("e30 .e30.AA", "a part of it is not Base64"), ("e30.e30.A+", "a part of it is not Base64"),
    // Another text for the same bytes.
    ("e31.e30.AA", "a part of it is not Base64"),
    (String(repeating: "a", count: 20_000) + ".a.a", "it is longer than 16384 bytes"),
  ])
  func whatIsNoTokenIsRefused(text: String, problem: String) throws {
    #expect(failure(text, try jwt) == .malformed(problem))
  }

  @Test(arguments: [
    (#"{"alg":"HS256","crit":["exp"],"exp":1}"#, "it has extensions that must be understood"),
    (#"{"alg":"HS256","crit":[],"b64":false}"#, "it has extensions that must be understood"),
    (#"{"alg":"HS256","crit":null}"#, "it has extensions that must be understood"),
    (#"{"alg":1}"#, "its header is no JSON that says how it was signed"),
    (#"{"alg":null}"#, "its header is no JSON that says how it was signed"),
    (#"["HS256"]"#, "its header is no JSON that says how it was signed"),
    (#"{"alg":"HS256","kid":7}"#, "its header is no JSON that says how it was signed"),
    (#"{"alg":"HS256","typ":"logout+jwt"}"#, "its type is 'logout+jwt'"),
    (
      #"{"alg":"HS256","x":\#(String(repeating: "[", count: 100))\#(String(repeating: "]", count: 100))}"#,
      "its header is no JSON that says how it was signed"
    ),
  ])
  func headersThatAreNotUnderstoodAreRefused(header: String, problem: String) throws {
    let text = try token(header, #"{"sub":"a","exp":9999999999}"#, .secret(TestKeys.secret))
    #expect(failure(text, try jwt) == .malformed(problem))
  }

  @Test(arguments: ["JWT", "jwt", "application/jwt", "at+jwt"])
  func theTypeMayBeSaid(type: String) throws {
    let text = try token(
      #"{"alg":"HS256","typ":"\#(type)"}"#, #"{"sub":"a","exp":9999999999}"#, .secret(TestKeys.secret))
    #expect(failure(text, try jwt) == nil)
  }

  /// Parts of tokens, put together and changed at random: none is taken.
  @Test(arguments: 1...4)
  func whateverComesIsRefused(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    func next(_ bound: Int) -> Int { .random(in: 0..<bound, using: &random) }
    let jwt = JWT(
      try JWTKeys(
        .secret(TestKeys.secret), .publicKey(pem: TestKeys.rsaPublic, .rs256),
        .publicKey(pem: TestKeys.p256Public, .es256),
        .publicKey(pem: TestKeys.ed25519Public, .edDSA)))
    let right = try jwt.sign(Claims(sub: "eve"), for: .seconds(60), now: Self.now)
    let parts =
      right.split(separator: ".").map(String.init) + [
        "", "e30", "bnVsbA", "AAAA", Base64URL.encode(Array(#"{"alg":"RS256"}"#.utf8)),
        Base64URL.encode(Array(#"{"alg":"ES256"}"#.utf8)),
        Base64URL.encode(Array(#"{"alg":"EdDSA"}"#.utf8)),
        Base64URL.encode(Array(#"{"exp":9999999999,"sub":"a"}"#.utf8)),
        Base64URL.encode([UInt8](repeating: 0, count: 64)), Base64URL.encode([UInt8](repeating: 255, count: 256)),
      ]
    for _ in 0..<600 {
      var text = Array((0..<(2 + next(3))).map { _ in parts[next(parts.count)] }.joined(separator: ".").utf8)
      for _ in 0..<next(3) where !text.isEmpty { text[next(text.count)] = UInt8(next(256)) }
      let token = String(decoding: text, as: UTF8.self)
      if token != right { #expect(failure(token, jwt) != nil, "\(token)") }
    }
  }

  // MARK: Claims

  @Test(
    arguments: [
      (#""exp":\#(Int(now) + 1)"#, nil), (#""exp":\#(Int(now) - 9)"#, nil), (#""exp":\#(now - 9.5)"#, nil),
      (#""exp":\#(Int(now) - 10)"#, .expired(10)), (#""exp":\#(Int(now) - 3600)"#, .expired(3600)),
      (#""exp":0"#, .expired(now)),
      (#""iat":1"#, .claim("exp", "is missing: it does not end")),
      (#""exp":null"#, .claim("exp", "is missing: it does not end")),
      (#""exp":9999999999,"nbf":\#(Int(now) + 10)"#, nil),
      (#""exp":9999999999,"nbf":\#(Int(now) + 11)"#, .notYetValid(11)),
      (#""exp":9999999999,"nbf":0"#, nil), (#""exp":9e15"#, nil),
      // RFC 7519, 2: a number of any size, with or without a fraction.
      (#""exp":9223372036854775808,"iat":9223372036854775808.5"#, nil), (#""exp":99999999999999999999"#, nil),
      (#""exp":1e300,"nbf":-99999999999999999999"#, nil), (#""exp":-99999999999999999999"#, .expired(now + 1e20)),
      (#""exp":-1e300"#, .expired(now + 1e300)), (#""exp":\#(now - 10.5)"#, .expired(10.5)),
      (#""exp":9999999999,"nbf":99999999999999999999"#, .notYetValid(1e20 - now)),
      (#""exp":9999999999,"nbf":\#(now + 10.5)"#, .notYetValid(10.5)),
      (#""exp":9999999999,"nbf":1e999"#, .malformed("its claims are no JSON object, or have dates that are none")),
      (#""exp":"9999999999""#, .malformed("its claims are no JSON object, or have dates that are none")),
      (#""exp":1e999"#, .malformed("its claims are no JSON object, or have dates that are none")),
      (#""exp":9999999999,"nbf":"x""#, .malformed("its claims are no JSON object, or have dates that are none")),
      (#""exp":9999999999,"aud":"notes""#, .wrongAudience(["notes"])),
      (#""exp":9999999999,"aud":[7]"#, .malformed("its claims are no JSON object, or have dates that are none")),
    ] as [(String, JWTError?)])
  func timesAreKept(claims: String, expected: JWTError?) throws {
    let text = try token(#"{"alg":"HS256"}"#, #"{"sub":"a",\#(claims)}"#, .secret(TestKeys.secret))
    let found = failure(text, try jwt)
    #expect(found == expected)
    // Of whatever size, the number can be said.
    #expect(found?.description.isEmpty != true)
  }

  @Test func datesThatNoIntegerHoldsAreSigned() throws {
    struct Claims: Codable, Equatable {
      var sub = "a"
      var exp: Double
      var nbf = 1.5
    }
    struct Whole: Codable, Equatable {
      var sub = "a"
      var exp: UInt64 = .max
    }
    for end in [1e20, 1e300, Self.now + 0.5] {
      let claims = Claims(exp: end)
      let text = try jwt.sign(claims, for: nil, now: Self.now)
      #expect(try jwt.verify(text, as: Claims.self, now: Self.now) == claims)
    }
    let text = try jwt.sign(Whole(), for: .seconds(Int64.max), now: Self.now)
    #expect(failure(text, try jwt) == nil)
    #expect(failure(try jwt.sign(["sub": "a"], for: .seconds(Int64.max), now: Self.now), try jwt) == nil)
    #expect(failure(try jwt.sign(["sub": "a"], for: .seconds(Int64.min), now: Self.now), try jwt) == .expired(Self.now))
  }

  @Test func tokensThatDoNotEndAreTakenWhereThatIsSaid() throws {
    var endless = try jwt
    endless.allowsEndless = true
    let text = try endless.sign(Claims(sub: "a"), for: nil)
    #expect(failure(text, endless) == nil)
    #expect(failure(text, try jwt) == .claim("exp", "is missing: it does not end"))
    #expect(throws: JWTError.notSigned("it would not end, and would not be taken")) {
      try jwt.sign(Claims(sub: "a"), for: nil)
    }
  }

  @Test func issuerAndAudienceAreKept() throws {
    let keys = JWTKeys(try .secret(TestKeys.secret))
    let jwt = JWT(keys, issuer: "us", audience: "notes")
    let own = try jwt.sign(Claims(sub: "a"), for: .seconds(60), now: Self.now)
    #expect(failure(own, jwt) == nil)
    #expect(failure(own, JWT(keys, issuer: "US", audience: "notes")) == .wrongIssuer("us"))
    #expect(failure(own, JWT(keys, issuer: "us", audience: "chat")) == .wrongAudience(["notes"]))
    #expect(failure(own, JWT(keys, issuer: "us")) == .wrongAudience(["notes"]))
    let nobody = try JWT(keys).sign(Claims(sub: "a"), for: .seconds(60), now: Self.now)
    #expect(failure(nobody, JWT(keys, issuer: "us")) == .wrongIssuer(nil))
    #expect(failure(nobody, JWT(keys, audience: "notes")) == .wrongAudience([]))
    #expect(failure(nobody, JWT(keys)) == nil)
    let several = try token(
      #"{"alg":"HS256"}"#, #"{"sub":"a","exp":9999999999,"iss":"us","aud":["chat","notes"]}"#, .secret(TestKeys.secret))
    #expect(failure(several, jwt) == nil)
  }

  @Test func claimsAreOfTheirTypes() throws {
    let key = try JWTKey.secret(TestKeys.secret)
    func problem(_ claims: String) throws -> JWTError? { failure(try token(#"{"alg":"HS256"}"#, claims, key), try jwt) }
    #expect(try problem(#"{"exp":9999999999}"#) == .claim("sub", "is missing, or is not what it should be"))
    #expect(try problem(#"{"exp":9999999999,"sub":7}"#) == .claim("sub", "is missing, or is not what it should be"))
    #expect(
      try problem(#"{"exp":9999999999,"sub":"a","roles":[1]}"#)
        == .claim("roles.0", "is missing, or is not what it should be"))
    for wrong in ["[]", "7", "", "{", #""text""#] {
      #expect(try problem(wrong) == .malformed("its claims are no JSON object, or have dates that are none"))
    }
    #expect(throws: JWTError.notSigned("its claims are no object")) { try jwt.sign([1], for: .seconds(1)) }
  }

  @Test func whatClaimsSayThemselvesIsKept() throws {
    struct Own: Codable, Equatable {
      var iss = "them"
      var exp = 9_999_999_999
      var iat = 7
    }
    let jwt = JWT(JWTKeys(try .secret(TestKeys.secret)), issuer: "us")
    let text = try jwt.sign(Own(), for: .seconds(1))
    #expect(try JWT(jwt.keys).verify(text, as: Own.self) == Own())
    // A lifetime without end is as long as can be said.
    _ = try jwt.sign(Claims(sub: "a"), for: .seconds(Int64.max))
  }

  // MARK: Requests

  @Test func requestsHaveTheirBearersClaims() throws {
    let jwt = try jwt
    let app = App()
    app.get("/me") { request in try jwt.verify(bearerOf: request, as: Claims.self).sub }
    let client = app.testClient()
    let token = try jwt.sign(Claims(sub: "eve"), for: .seconds(3600))
    #expect(try client.get("/me", headers: [.authorization: "Bearer \(token)"]).text == "eve")
    let none = try client.get("/me")
    #expect(none.status == .unauthorized && none.headers[.wwwAuthenticate] == "Bearer")
    for wrong in [
      "x", token + "x", "\(token.dropLast(2))", try jwt.sign(Claims(sub: "eve"), for: .seconds(60), now: 1),
    ] {
      let refused = try client.get("/me", headers: [.authorization: "Bearer \(wrong)"])
      #expect(refused.status == .unauthorized && refused.headers[.wwwAuthenticate] == "Bearer error=\"invalid_token\"")
      #expect(refused.text == "Unauthorized")
    }
  }

  @Test func faultsOfTheProgramAreNotTheClients() throws {
    let jwt = JWT(try JWTKeys(.publicKey(pem: TestKeys.rsaPublic, .rs256)))
    let app = App()
    app.post("/login") { _ in try jwt.sign(Claims(sub: "eve"), for: .seconds(1)) }
    #expect(try app.testClient().post("/login").status == .internalServerError)
  }
}
