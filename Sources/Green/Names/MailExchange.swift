/// A host that takes mail for a domain: an MX record, RFC 1035 section 3.3.9.
public struct MailExchange: Sendable, Hashable {
  /// Lower ones are to be tried first.
  public var preference: UInt16
  /// The host; empty for the root, which says that the domain takes no mail (RFC 7505).
  public var exchange: String
  /// How long the record holds, as the name server said.
  public var timeToLive: Duration
}
