internal import Glibc

/// Through which proxies a client asks: `http` URLs are asked for at the proxy (RFC 9112, 3.2.2), for `https` the proxy
/// makes a way to the server (`CONNECT`, RFC 9110, 9.3.6), whose answers it cannot read.
///
/// What is on this machine is asked directly: `localhost`, loopback addresses, Unix sockets.
public struct HTTPClientProxies: Sendable, Hashable {
  /// For `http` URLs: `http://name:password@host:port`, of which `host:port` is enough.
  public var http: String?
  /// For `https` URLs. The proxy itself is spoken to in clear text.
  public var https: String?
  /// Who is asked directly: names, each with those below it, `example.org` or `.example.org`; addresses and networks,
  /// `10.0.0.0/8`; each perhaps with a port, `example.org:8080`; `*` for all.
  public var exceptions: [String]

  /// Proxies.
  public init(http: String? = nil, https: String? = nil, exceptions: [String] = []) {
    (self.http, self.https, self.exceptions) = (http, https, exceptions)
  }

  /// None: everybody is asked directly.
  public static var none: HTTPClientProxies { HTTPClientProxies() }

  /// What the environment says: `http_proxy`, `https_proxy` or `HTTPS_PROXY`, `all_proxy` or `ALL_PROXY` for both, and
  /// `no_proxy` or `NO_PROXY`. Not `HTTP_PROXY`: where requests become variables of the environment (CGI), whoever asks
  /// can set it.
  public static var environment: HTTPClientProxies {
    let all = variable("all_proxy") ?? variable("ALL_PROXY")
    return HTTPClientProxies(
      http: variable("http_proxy") ?? all, https: variable("https_proxy") ?? variable("HTTPS_PROXY") ?? all,
      exceptions: (variable("no_proxy") ?? variable("NO_PROXY") ?? "").split { $0 == "," || $0 == " " }.map(String.init)
    )
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
