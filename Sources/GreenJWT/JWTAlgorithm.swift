internal import CSignatures

/// How a token is signed: RFC 7518, 3.1, and RFC 8037. There is none for tokens that are not signed.
public enum JWTAlgorithm: String, Sendable, Hashable, CaseIterable {
  /// HMAC with SHA-256: who checks tokens can make them too.
  case hs256 = "HS256"
  /// HMAC with SHA-384.
  case hs384 = "HS384"
  /// HMAC with SHA-512.
  case hs512 = "HS512"
  /// RSA by PKCS #1, version 1.5, with SHA-256.
  case rs256 = "RS256"
  /// RSA by PKCS #1, version 1.5, with SHA-384.
  case rs384 = "RS384"
  /// RSA by PKCS #1, version 1.5, with SHA-512.
  case rs512 = "RS512"
  /// RSA-PSS with SHA-256.
  case ps256 = "PS256"
  /// RSA-PSS with SHA-384.
  case ps384 = "PS384"
  /// RSA-PSS with SHA-512.
  case ps512 = "PS512"
  /// ECDSA on P-256 with SHA-256.
  case es256 = "ES256"
  /// ECDSA on P-384 with SHA-384.
  case es384 = "ES384"
  /// ECDSA on P-521 with SHA-512.
  case es512 = "ES512"
  /// Ed25519 (RFC 8032).
  case edDSA = "EdDSA"
}

extension JWTAlgorithm {
  /// Of the digest.
  var bits: Int {
    switch self {
    case .hs256, .rs256, .ps256, .es256: 256
    case .hs384, .rs384, .ps384, .es384: 384
    case .hs512, .rs512, .ps512, .es512, .edDSA: 512
    }
  }

  var isHMAC: Bool { self == .hs256 || self == .hs384 || self == .hs512 }

  /// The kind of key that it needs; `nil` for a secret.
  var kind: csignatures_kind? {
    switch self {
    case .hs256, .hs384, .hs512: nil
    case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: CSIGNATURES_RSA
    case .es256: CSIGNATURES_P256
    case .es384: CSIGNATURES_P384
    case .es512: CSIGNATURES_P521
    case .edDSA: CSIGNATURES_ED25519
    }
  }

  var scheme: csignatures_scheme {
    switch self {
    case .ps256, .ps384, .ps512: CSIGNATURES_PSS
    case .es256, .es384, .es512: CSIGNATURES_ECDSA
    case .edDSA: CSIGNATURES_EDDSA
    default: CSIGNATURES_PKCS1
    }
  }

  /// Which keys it is for, in words.
  var keyName: String {
    switch self {
    case .hs256, .hs384, .hs512: "a secret"
    case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: "RSA"
    case .es256: "P-256"
    case .es384: "P-384"
    case .es512: "P-521"
    case .edDSA: "Ed25519"
    }
  }
}
