/// The version of HTTP a request was made in. Others are refused before an application sees them.
public enum HTTPVersion: Sendable, Hashable, CustomStringConvertible {
  /// HTTP/1.0: one request a connection unless the client asks for more.
  case http1_0
  /// HTTP/1.1, and what a later minor version of it would be: the connection stays open unless either side says otherwise.
  case http1_1

  public var description: String {
    switch self {
    case .http1_0: "HTTP/1.0"
    case .http1_1: "HTTP/1.1"
    }
  }
}
