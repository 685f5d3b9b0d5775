internal import Green

/// Which connections a request can go over: those of one route are interchangeable.
struct Route: Hashable, Sendable {
  /// Where it leads: the server, or the proxy in front of it.
  let isUnix: Bool
  /// A name, an address, or the path of a Unix socket.
  let host: String
  let port: UInt16
  /// Whom a proxy is told to connect to, `host:port` (RFC 9110, 9.3.6); `nil` where it is asked itself, or there is none.
  let tunnel: String?
  /// By which name the server is verified; `nil` where nothing is encrypted.
  let tlsName: String?
  /// `Proxy-Authorization`, for the proxy alone.
  let proxyAuthorization: String?
  /// Whether requests go to a proxy, which passes them on.
  let isProxied: Bool
  /// The hub whose fibers may share one connection, by HTTP/2; `nil` where that is not spoken.
  let hub: ObjectIdentifier?

  init(_ url: HTTPURL, through proxy: ProxyServer?, hub: Hub?) {
    isUnix = url.isUnix
    (host, port) = proxy.map { ($0.host, $0.port) } ?? (url.host, url.port)
    tlsName = url.isSecure ? url.host : nil
    tunnel = proxy != nil && url.isSecure ? url.hostAndPort : nil
    proxyAuthorization = proxy?.authorization
    isProxied = proxy != nil && !url.isSecure
    self.hub = url.isSecure ? hub.map { ObjectIdentifier($0) } : nil
  }
}
