extension Request {
  /// The address of the client for whom the request was made, without a port: `203.0.113.7`, `2001:db8::1`. Empty where
  /// nobody knows, as of a client that has connected by a Unix socket.
  ///
  /// It is the peer's, unless that is a proxy that ``ProxyConfiguration/forwardedFrom`` trusts: then it is what the proxies
  /// say in `Forwarded` or `X-Forwarded-For`, of which the right-most address counts that is not a trusted proxy's own. What
  /// stands left of that the client may have made up. A proxy may hide a client, as `unknown`, or by a name that begins with
  /// `_` (RFC 7239, 6).
  public var client: String { forwarding?.client ?? Peer.host(of: remote) ?? "" }

  /// The scheme of the request's URI: what a trusted proxy says that the client has asked by; else `https` where the way to
  /// this server was encrypted, and `http` where it was not (RFC 9110, 4.2).
  public var scheme: String { forwarding?.isSecure ?? isEncrypted ? "https" : "http" }

  /// The host that the client has asked for, with its port where one was given: what a trusted proxy says in `Forwarded` or
  /// `X-Forwarded-Host`, else ``authority``.
  public var host: String? { forwarding?.host ?? authority }

  /// The path that a trusted proxy has taken off the front of the request's, as it says in `X-Forwarded-Prefix`: `/app`, to
  /// be put before the paths of links. Empty for none.
  public var rootPath: String { forwarding?.rootPath ?? "" }

  private var forwarding: Forwarding? { storage.state.pointee.head.forwarding }
}
