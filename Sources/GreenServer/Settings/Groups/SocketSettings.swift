/// Where the server listens; properties of ``Configuration``.
public struct SocketSettings: Sendable {
  /// Where the server listens; at least one address.
  public let bind = ServerSetting(
    list: "bind", "-b", "--bind", value: "ADDRESS", .address, count: 1...64,
    default: [.tcp(host: "127.0.0.1", port: 8000)],
    variable: SettingVariable("PORT") { "0.0.0.0:\($0)" },
    "Where to listen: HOST:PORT, HOST, [IPV6]:PORT or unix:PATH; may be given several times.")

  /// How many connections the kernel holds for each address until a worker accepts them.
  public let backlog = ServerSetting(
    "backlog", "--backlog", value: "COUNT", .number(1...Int(Int32.max)), default: 2048,
    "How many connections may wait in the kernel at each address.")

  /// Which permissions the file of a Unix socket does not have, as in umask(2). The default is gunicorn's, 0: whoever may enter its directory
  /// may connect.
  public let umask = ServerSetting(
    "umask", "-m", "--umask", value: "MODE", .mode, default: 0,
    "Which permissions the file of a Unix socket does not have, as in umask(1), such as 0007.")
}
