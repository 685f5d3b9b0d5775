internal import GreenHTTP

/// Something that is not as TLS has it, on a connection whose handshake has been made.
public enum TLSError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The peer has gone without saying that it has sent all (RFC 8446, 6.1): what came may be less than it sent.
  case truncated
  /// What came is not TLS, or breaks its rules. In OpenSSL's words.
  case violated(String)
  /// An earlier send has failed in the middle of a record: nothing that follows could be read.
  case sendingFailed

  public var description: String {
    switch self {
    case .truncated: "the connection ended without the peer's saying so: something may be missing"
    case .violated(let reason): "the peer does not keep to TLS: \(reason)"
    case .sendingFailed: "nothing more can be sent, since an earlier send did not end"
    }
  }
}

extension TLSError: StreamFailure {
  package var isLossOfConnection: Bool { self == .truncated }
}
