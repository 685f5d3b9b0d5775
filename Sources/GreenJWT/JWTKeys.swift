internal import GreenHTTP
internal import GreenWeb

/// The keys of tokens: the first that can sign signs, all check. So keys are changed while tokens of the old one are still about.
///
/// A token is checked with the keys that are for its algorithm alone, and where it names one (`kid`), with that one and
/// those that have no name. There is no key for `none`.
public struct JWTKeys: Sendable {
  let keys: [JWTKey]

  /// These keys.
  public init(_ first: JWTKey, _ others: JWTKey...) { keys = [first] + others }

  /// These keys; at least one.
  ///
  /// - Throws: ``JWTError/badKey(_:)`` where there is none.
  public init(_ keys: [JWTKey]) throws(JWTError) {
    if keys.isEmpty { throw .badKey("there is no key") }
    self.keys = keys
  }

  /// A set of keys as servers publish theirs: `/.well-known/jwks.json` (RFC 7517, 5). Keys of kinds that are not known
  /// here, those that are not for signatures, and secrets (`oct`), which everybody knows there, are left out.
  ///
  /// - Throws: ``JWTError/badKey(_:)`` where it is no such set, or no key of it can be used.
  public init(jwks: String) throws(JWTError) {
    struct KeySet: Decodable {
      struct Element: Decodable {
        var key: JSONWebKey?
        init(from decoder: any Decoder) throws { key = try? JSONWebKey(from: decoder) }
      }
      var keys: [Element]
    }
    let problem = "it is no set of JSON Web Keys"
    guard let set = try? SignedToken.decoded(KeySet.self, Array(jwks.utf8), problem) else { throw .badKey(problem) }
    let keys = set.keys.compactMap(\.key).filter { $0.kty != "oct" }.compactMap { try? JWTKey.made(of: $0) }
    if keys.isEmpty { throw .badKey("none of the set's keys can be used") }
    self.keys = keys
  }

  /// The one that signs.
  ///
  /// - Throws: ``JWTError/notSigned(_:)``.
  func signing() throws(JWTError) -> JWTKey {
    guard let key = keys.first(where: \.canSign) else { throw .notSigned("all keys are public") }
    return key
  }

  /// Those that a token may have been signed with.
  func candidates(_ algorithm: String, id: String?) throws(JWTError) -> [JWTKey] {
    let ofAlgorithm = keys.filter { $0.algorithm.rawValue == algorithm }
    if ofAlgorithm.isEmpty { throw .algorithmRefused(String(algorithm.prefix(32))) }
    guard let id else { return ofAlgorithm }
    let ofName = ofAlgorithm.filter { $0.id == nil || $0.id == id }
    if ofName.isEmpty { throw .unknownKey(String(id.prefix(64))) }
    return ofName
  }
}
