/// Which proxies in front of the server are believed, and what.
public struct ProxyConfiguration: Sendable, Hashable {
  /// Who may say in `Forwarded` (RFC 7239) or `X-Forwarded-For`, `-Proto`, `-Host`, `-Port` and `-Prefix` for whom it asks:
  /// see ``Request/client``, ``Request/scheme``, ``Request/host`` and ``Request/rootPath``. What others say there is ignored.
  public var forwardedFrom = TrustedPeers.loopback
  /// Which versions of the PROXY protocol are spoken: none by default.
  public var proxyProtocol = ProxyProtocol.off
  /// Whose connections must begin with a header of the PROXY protocol, where it is spoken. Those of others must not.
  public var proxyProtocolFrom = TrustedPeers.loopback

  /// The defaults.
  public init() {}
}
