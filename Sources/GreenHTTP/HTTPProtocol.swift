/// A protocol that carries HTTP, by its name on the command line.
public enum HTTPProtocol: String, Sendable, Hashable, CaseIterable {
  /// HTTP/1.1 and HTTP/1.0 (RFC 9112).
  case http1 = "h1"
  /// HTTP/2 (RFC 9113), of the module `GreenHTTP2`.
  case http2 = "h2"

  /// The names by which TLS agrees on it, the best first: ALPN, RFC 7301. A client that asks for HTTP/1.0, as curl can, may
  /// offer no other.
  public var alpnNames: [String] {
    switch self {
    case .http1: ["http/1.1", "http/1.0"]
    case .http2: ["h2"]
    }
  }
}
