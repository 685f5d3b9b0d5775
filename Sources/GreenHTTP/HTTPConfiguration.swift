/// How connections are served.
public struct HTTPConfiguration: Sendable, Hashable {
  /// What is taken from a client.
  public var limits = HTTPLimits()
  /// Which proxies in front are believed: programs on this machine unless said otherwise.
  public var proxies = ProxyConfiguration()
  /// What the field `Server` says; empty for no such field.
  public var serverName = "greenfinch"
  /// How long an idle connection is kept: before its first byte, and between two requests. 2 s, as gunicorn's.
  ///
  /// Zero answers every request with `Connection: close`; the first byte may then take as long as a head.
  public var keepAlive: Duration = .seconds(2)
  /// Whether a connection may serve more than one request. A worker that serves one connection at a time says no,
  /// so that an idle client does not keep all others waiting.
  public var allowsKeepAlive = true

  /// The defaults.
  public init() {}

  /// How long a client may take to send its first byte.
  package var firstByteTime: Duration {
    let head = limits.headDeadline
    if keepAlive <= .zero { return head }
    return allowsKeepAlive ? keepAlive : min(keepAlive, head)
  }
}
