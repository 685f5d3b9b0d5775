public import GreenHTTP
public import GreenWeb
internal import HTTPTypes

/// Why a token is not one, or cannot be made.
///
/// Those that are about a token which somebody has sent are answered with `401` and `WWW-Authenticate: Bearer
/// error="invalid_token"` (RFC 6750, 3.1), where no error handler says otherwise; the others are faults of the program.
public enum JWTError: Error, Sendable, Hashable, CustomStringConvertible {
  /// It does not have the form of one (RFC 7519, 7.2): what is wrong with it.
  case malformed(String)
  /// Its algorithm is `none`, or another that no key here is for. The text is what the token says.
  case algorithmRefused(String)
  /// No key has this id.
  case unknownKey(String)
  /// It was not signed by one of the keys, or was changed since.
  case badSignature
  /// It has ended, so many seconds ago.
  case expired(Double)
  /// It begins in so many seconds.
  case notYetValid(Double)
  /// Somebody else has made it, or it does not say who.
  case wrongIssuer(String?)
  /// It is for others, or does not say for whom.
  case wrongAudience([String])
  /// A claim is missing, or is not what it should be.
  case claim(String, String)
  /// There is no token.
  case missing
  /// A key cannot be used: why.
  case badKey(String)
  /// A token cannot be made: why.
  case notSigned(String)

  public var description: String {
    switch self {
    case .malformed(let problem): "the token is malformed: \(problem)"
    case .algorithmRefused(let name): "the token's algorithm '\(name)' is not one of those that are expected"
    case .unknownKey(let id): "no key has the token's id '\(id)'"
    case .badSignature: "the token's signature is wrong"
    case .expired(let seconds): "the token ended \(Self.text(seconds)) s ago"
    case .notYetValid(let seconds): "the token begins in \(Self.text(seconds)) s"
    case .wrongIssuer(let issuer):
      issuer.map { "the token was made by '\($0)'" } ?? "the token does not say who made it"
    case .wrongAudience(let names):
      names.isEmpty ? "the token does not say for whom it is" : "the token is for \(names.joined(separator: ", "))"
    case .claim(let name, let problem): "the token's '\(name)' \(problem)"
    case .missing: "there is no token"
    case .badKey(let problem): "the key cannot be used: \(problem)"
    case .notSigned(let problem): "the token cannot be signed: \(problem)"
    }
  }

  private static func text(_ seconds: Double) -> String { "\(Int(max(-1e15, min(seconds, 1e15)).rounded()))" }

  /// Whether the program is at fault, and not who has sent the token.
  var isOfProgram: Bool {
    switch self {
    case .badKey, .notSigned: true
    default: false
    }
  }
}

extension JWTError: ResponseConvertible {
  /// `401`, which says nothing of the token: who has forged it learns nothing.
  public func response(for request: Request) throws -> Response {
    if isOfProgram { throw self }
    // RFC 6750, 3.1: who has sent no token is told none of the errors.
    let challenge = self == .missing ? "Bearer" : "Bearer error=\"invalid_token\""
    return Response(HTTPError(.unauthorized, headers: [.wwwAuthenticate: challenge]))
  }
}
