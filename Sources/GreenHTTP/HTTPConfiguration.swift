package import Green

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
  /// How long a request may take from the end of its head to the end of its answer; zero, the default, for any time. In a
  /// fiber every wait ends then: the client gets `503`, or the connection ends where the head of the answer has been sent. Of an
  /// `async` handler its task is cancelled; blocking code that it has called without `Fiber.run` ends its wait first.
  /// Outside fibers a request that took longer is only told of.
  public var requestTimeout: Duration = .zero
  /// Whether a connection may serve more than one request. A worker that serves one connection at a time says no,
  /// so that an idle client does not keep all others waiting.
  public var allowsKeepAlive = true
  /// What speaks HTTP/2, with clients that begin with it or agree on it by TLS, where the connection is served in a fiber:
  /// `.nghttp2` of `GreenHTTP2`. `nil` for HTTP/1 alone.
  public var http2: HTTP2Provider?
  /// How many requests a client may have in progress at once on one connection of HTTP/2: those above are refused, and it may
  /// ask again. The default is 100, as gunicorn's.
  public var concurrentStreams = 100
  /// What the fibers have to themselves in which handlers of HTTP/2 run; those of HTTP/1 run in the connection's own.
  package var isolation = FiberIsolation.shared

  /// The defaults.
  public init() {}

  /// How long a client may take to send its first byte.
  package var firstByteTime: Duration {
    let head = limits.headDeadline
    if keepAlive <= .zero { return head }
    return allowsKeepAlive ? keepAlive : min(keepAlive, head)
  }
}
