internal import Green
public import GreenHTTP

/// Which proxies in front of the server are believed; properties of ``Configuration``.
public struct ProxySettings: Sendable {
  /// Whose words in `Forwarded` and `X-Forwarded-*` count. Who connects by a Unix socket is believed too, unless nobody is.
  public let forwardedAllowIPs = ServerSetting(
    "forwarded_allow_ips", "--forwarded-allow-ips", value: "ADDRESSES", .peers, default: .loopback,
    variable: "FORWARDED_ALLOW_IPS",
    gunicorn: .differs(
      "Forwarded and X-Forwarded-For, -Host, -Port and -Prefix are obeyed too, where gunicorn obeys the scheme alone"),
    "Which proxies are believed in Forwarded and X-Forwarded-*; those that connect by a Unix socket always are.")

  /// Which versions of the PROXY protocol are spoken.
  public let proxyProtocol = ServerSetting(
    "proxy_protocol", "--proxy-protocol", value: "[VERSION]", SettingForm<ProxyProtocol>.proxyProtocol, default: .off,
    bare: "auto",
    gunicorn: .differs("where it is on, the connections of those in proxy_allow_ips must begin with a header"),
    "Which versions of the PROXY protocol are spoken: off, v1, v2 or auto; auto where no value is given.")

  /// Whose connections begin with a header of the PROXY protocol, where it is spoken; those by a Unix socket do too.
  public let proxyAllowIPs = ServerSetting(
    "proxy_allow_ips", "--proxy-allow-from", value: "ADDRESSES", .peers, default: .loopback,
    gunicorn: .differs("those of others are served without a header, where gunicorn answers one with 403"),
    "Whose connections begin with a header of the PROXY protocol, where that is spoken.")
}
