/// A handshake that came to nothing.
public struct HandshakeFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// Why, for the log.
  public let reason: String
  /// Whether the client has sent a request in clear text: it is told so in the same way.
  public let isPlainHTTP: Bool

  /// A failure.
  public init(_ reason: String, isPlainHTTP: Bool = false) {
    self.reason = reason
    self.isPlainHTTP = isPlainHTTP
  }

  public var description: String { "the TLS handshake failed: \(reason)" }
}
