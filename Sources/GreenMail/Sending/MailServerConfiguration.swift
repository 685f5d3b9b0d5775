/// What is seldom changed about a ``MailServer``.
public struct MailServerConfiguration: Sendable {
  /// How long connecting may take, with the server's greeting and the handshake of TLS. 30 s.
  public var connectTimeout = Duration.seconds(30)
  /// How long an answer may take. A minute; one to a whole mail, of which the server may look for viruses first, ten times that.
  public var timeout = Duration.seconds(60)
  /// What the client says that it is called (RFC 5321, 4.1.1.1); `nil` for its address.
  public var clientName: String?

  /// What is usual.
  public init() {}
}
