internal import FoundationEssentials
internal import Glibc
public import GreenHTTP
internal import GreenWeb

/// Makes and checks JSON Web Tokens (RFC 7519): claims about somebody, signed by whoever makes them.
///
/// ```swift
/// enum Tokens {
///   static let jwt = JWT(try! JWTKeys(.secret(secret)), issuer: "notes", audience: "notes")
/// }
///
/// struct User: RequestInput, Codable {
///   var sub: String
///   var admin: Bool?
///   init(request: Request) throws { self = try Tokens.jwt.verify(bearerOf: request, as: User.self) }
/// }
///
/// app.post("/login") { … in ["token": try Tokens.jwt.sign(User(sub: "eve"), for: .seconds(3600))] }
/// app.get("/me") { (_, user: User) in user.sub }   // 401 without a token that is right
/// ```
///
/// What a token says can be read by whoever has it; it cannot be changed, and not be taken back before it ends: a session can.
///
/// A token is taken where one of the keys has signed it, with the algorithm that this key is for; where it says when it
/// ends, and has not; where it has begun; where it was made by the issuer and is for the audience, if these are given.
/// One that is for an audience is not taken where none is given (RFC 7519, 4.1.3).
public struct JWT: Sendable {
  /// The keys.
  public var keys: JWTKeys
  /// Who makes the tokens (`iss`): those that are signed say so, and those of others are not taken; `nil` for not looking at it.
  public var issuer: String?
  /// For whom the tokens are (`aud`): those that are signed say so, and those for others are not taken; `nil` where
  /// tokens are for nobody in particular.
  public var audience: String?
  /// By how much the clocks of who makes tokens and who checks them may differ.
  public var leeway: Duration
  /// Whether a token is taken that does not end.
  public var allowsEndless: Bool
  /// The most bytes of a token that is looked at.
  public var mostBytes = 16_384

  /// - Parameters:
  ///   - keys: see ``keys``.
  ///   - issuer: see ``issuer``.
  ///   - audience: see ``audience``.
  ///   - leeway: see ``leeway``; a minute by default.
  ///   - allowsEndless: see ``allowsEndless``; not by default.
  public init(
    _ keys: JWTKeys, issuer: String? = nil, audience: String? = nil, leeway: Duration = .seconds(60),
    allowsEndless: Bool = false
  ) {
    self.keys = keys
    self.issuer = issuer
    self.audience = audience
    self.leeway = max(.zero, leeway)
    self.allowsEndless = allowsEndless
  }

  // MARK: Making

  /// A token. To sign with RSA takes some 0.4 ms, with others less than a sixth of that.
  ///
  /// - Parameters:
  ///   - claims: what it says, as a JSON object whose dates are seconds since 1970. `iss`, `aud`, `iat` and `exp` are
  ///     added where it has none.
  ///   - lifetime: how long it is taken; `nil` where the claims say so (`exp`), or it does not end.
  /// - Throws: ``JWTError/notSigned(_:)``; what the claims' `encode(to:)` throws.
  public func sign(_ claims: some Encodable, for lifetime: Duration?) throws -> String {
    try sign(claims, for: lifetime, now: Self.now)
  }

  func sign(_ claims: some Encodable, for lifetime: Duration?, now: Double) throws -> String {
    let key = try keys.signing()
    let json = try Self.json(claims)
    guard case .object(var members) = try StoredJSON.decoded(JSON.self, from: json) else {
      throw JWTError.notSigned("its claims are no object")
    }
    func add(_ name: String, _ value: JSON?) { if let value { members[name] = members[name] ?? value } }
    add("iss", issuer.map { .string($0) })
    add("aud", audience.map { .string($0) })
    add("iat", .integer(Int(now)))
    if let lifetime { add("exp", .integer(Int(min(max(now + Self.seconds(lifetime), 0), 9e15)))) }
    guard (members["exp"] ?? .null) != .null || allowsEndless else {
      throw JWTError.notSigned("it would not end, and would not be taken")
    }
    var header: [String: JSON] = ["alg": .string(key.algorithm.rawValue), "typ": "JWT"]
    if let id = key.id { header["kid"] = .string(id) }
    let signed =
      Base64URL.encode(try Self.json(JSON.object(header))) + "." + Base64URL.encode(try Self.json(JSON.object(members)))
    return signed + "." + Base64URL.encode(try key.sign(Array(signed.utf8)))
  }

  private static func json(_ value: some Encodable) throws -> [UInt8] {
    try Response.json(value, options: JSONOptions(dates: .secondsSince1970)).body.withBytes { Array($0) } ?? []
  }

  // MARK: Checking

  /// What a token says, where it is right. A claim that a type asks for and a token does not have is an error, as is
  /// one of another type.
  ///
  /// - Throws: ``JWTError``.
  public func verify<Claims: Decodable>(_ token: String, as type: Claims.Type = Claims.self) throws -> Claims {
    try verify(token, as: type, now: Self.now)
  }

  /// What the bearer's token of a request says, where it is right.
  ///
  /// - Throws: as ``verify(_:as:)``; ``JWTError/missing`` where there is none, which is answered with `401`.
  public func verify<Claims: Decodable>(bearerOf request: Request, as type: Claims.Type = Claims.self) throws -> Claims
  {
    guard let token = request.bearerToken else { throw JWTError.missing }
    return try verify(token, as: type)
  }

  func verify<Claims: Decodable>(_ token: String, as type: Claims.Type = Claims.self, now: Double) throws -> Claims {
    let payload = try payload(of: token)
    let claims = try SignedToken.decoded(
      RegisteredClaims.self, payload, "its claims are no JSON object, or have dates that are none")
    try check(claims, now: now)
    do {
      return try SignedToken.decoder.decode(type, from: Data(payload))
    } catch let error as DecodingError {
      throw JWTError.claim(Self.place(of: error), "is missing, or is not what it should be")
    }
  }

  /// What a token says, where its signature is right.
  func payload(of text: String) throws(JWTError) -> [UInt8] {
    let token = try SignedToken(text, most: mostBytes)
    // RFC 8725, 3.11: a token of another kind, which the same key has signed, is not one of these.
    if let type = token.header.typ?.lowercased(),
      !["jwt", "application/jwt", "at+jwt", "application/at+jwt"].contains(type)
    {
      throw .malformed("its type is '\(type.prefix(32))'")
    }
    let candidates = try keys.candidates(token.header.alg, id: token.header.kid)
    guard candidates.contains(where: { $0.isSignature(token.signature, of: token.signed) }) else { throw .badSignature }
    return token.payload
  }

  private func check(_ claims: RegisteredClaims, now: Double) throws(JWTError) {
    let leeway = Self.seconds(leeway)
    if let end = claims.exp {
      if !(now < end + leeway) { throw .expired(now - end) }
    } else if !allowsEndless {
      throw .claim("exp", "is missing: it does not end")
    }
    if let begin = claims.nbf, !(now >= begin - leeway) { throw .notYetValid(begin - now) }
    if let issuer, claims.iss != issuer { throw .wrongIssuer(claims.iss) }
    guard let audience else {
      if let others = claims.aud { throw .wrongAudience(others) }
      return
    }
    if !(claims.aud ?? []).contains(audience) { throw .wrongAudience(claims.aud ?? []) }
  }

  private static func place(of error: DecodingError) -> String {
    let path =
      switch error {
      case .keyNotFound(let key, let context): context.codingPath + [key]
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
        context.codingPath
      @unknown default: [any CodingKey]()
      }
    return path.map { key in key.intValue.map { "\($0)" } ?? key.stringValue }.joined(separator: ".")
  }

  private static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
