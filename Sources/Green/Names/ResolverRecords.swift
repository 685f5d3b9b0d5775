/// Where a service is offered: an SRV record, RFC 2782.
public struct ServiceRecord: Sendable, Hashable {
  /// Lower ones are to be tried first.
  public var priority: UInt16
  /// The share among those of one priority.
  public var weight: UInt16
  /// The port of the service.
  public var port: UInt16
  /// The host; empty for the root, which says that the service is decidedly not available.
  public var target: String
  /// How long the record holds, as the name server said.
  public var timeToLive: Duration
}

/// A host that takes mail for a domain: an MX record, RFC 1035 section 3.3.9.
public struct MailExchange: Sendable, Hashable {
  /// Lower ones are to be tried first.
  public var preference: UInt16
  /// The host; empty for the root, which says that the domain takes no mail (RFC 7505).
  public var exchange: String
  /// How long the record holds, as the name server said.
  public var timeToLive: Duration
}

/// A text that belongs to a name: a TXT record, RFC 1035 section 3.3.14.
public struct TextRecord: Sendable, Hashable {
  /// The record's strings, of at most 255 bytes each, in no particular encoding.
  public var strings: [[UInt8]]
  /// How long the record holds, as the name server said.
  public var timeToLive: Duration

  /// The strings joined, as most uses of TXT records have it; what is not UTF-8 is replaced.
  public var text: String { String(decoding: strings.joined(), as: UTF8.self) }
}

/// A name that a name leads to: a PTR record, RFC 1035 section 3.3.12.
public struct PointerRecord: Sendable, Hashable {
  /// The name that is led to.
  public var name: String
  /// How long the record holds, as the name server said.
  public var timeToLive: Duration
}
