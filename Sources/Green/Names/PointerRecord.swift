/// A name that a name leads to: a PTR record, RFC 1035 section 3.3.12.
public struct PointerRecord: Sendable, Hashable {
  /// The name that is led to.
  public var name: String
  /// How long the record holds, as the name server said.
  public var timeToLive: Duration
}
