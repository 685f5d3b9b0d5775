/// All settings of the server, in the order in which they are shown.
enum ServerSettings {
  static let workers = WorkerSettings()
  static let sockets = SocketSettings()
  static let process = ProcessSettings()
  static let http = HTTPSettings()
  static let proxies = ProxySettings()
  static let tls = TLSSettings()
  static let logging = LoggingSettings()
  static let watching = WatchingSettings()
  static let python = PythonSettings()
  static let reloading = ReloadSettings()

  static let groups: [(title: String, settings: [any AnyServerSetting])] = hostsPython ? everyGroup : general

  /// Those of the host of Python programs too, whichever program this is: for the manual.
  static let everyGroup: [(title: String, settings: [any AnyServerSetting])] =
    [("Python", declared(in: python))] + general

  private static let general: [(title: String, settings: [any AnyServerSetting])] = [
    ("Workers", declared(in: workers)), ("Sockets", declared(in: sockets)),
    ("Process", declared(in: process)), ("HTTP", declared(in: http)),
    ("TLS", declared(in: tls)), ("Proxies", declared(in: proxies)), ("Logging", declared(in: logging)),
    ("Watching", declared(in: watching)), ("Reloading", declared(in: reloading)),
  ]

  static let all = groups.flatMap(\.settings)

  static func named(_ name: String) -> (any AnyServerSetting)? { all.first { $0.name == name } }

  /// A group's properties are its settings.
  private static func declared(in group: some Sendable) -> [any AnyServerSetting] {
    Mirror(reflecting: group).children.compactMap { $0.value as? any AnyServerSetting }
  }
}
