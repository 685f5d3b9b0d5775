/// Where the server listens; properties of ``Configuration``.
public struct SocketSettings: Sendable {
  /// Where the server listens; at least one address. Sockets that systemd has opened take the place of all, unless one of
  /// them is named by its number or name.
  public let bind = ServerSetting(
    list: "bind", "-b", "--bind", value: "ADDRESS", .address, count: 1...64,
    default: [.tcp(host: "127.0.0.1", port: 8000)],
    variable: SettingVariable("PORT") { "0.0.0.0:\($0)" },
    gunicorn: .differs("abstract sockets are written with @, and systemd's sockets can be named"),
    """
    Where to listen: HOST:PORT, HOST, [IPV6]:PORT, unix:PATH, unix:@NAME (abstract), or fd://N or fd://NAME for a socket \
    that the server is started with; may be given several times.
    """)

  /// How many connections the kernel holds for each address until a worker accepts them.
  public let backlog = ServerSetting(
    "backlog", "--backlog", value: "COUNT", .number(1...Int(Int32.max)), default: 2048,
    "How many connections may wait in the kernel at each address.")

  /// Whether other servers may listen at the same TCP addresses, `SO_REUSEPORT`. The workers of one server share one queue
  /// whatever it says: the kernel would spread connections less evenly, and those queued at a worker that ends would be lost.
  public let reusePort = ServerSetting(
    "reuse_port", "--reuse-port", value: "[BOOL]", .flag, default: false, bare: "yes",
    gunicorn: .differs("workers share one queue, which spreads more evenly than a socket for each"),
    "Let other servers listen at the same TCP addresses (SO_REUSEPORT).")

  /// Which permissions the file of a Unix socket does not have, as in umask(2). The default is
  /// gunicorn's, 0: whoever may enter its directory may connect.
  public let umask = ServerSetting(
    "umask", "-m", "--umask", value: "MODE", .mode, default: 0,
    "Which permissions the file of a Unix socket does not have, as in umask(1), such as 0007.")
}
