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
