internal import Green

// How the values of the settings of watching are written.

extension SettingForm where Value == String? {
  static let statsdAddress = SettingForm(
    "HOST:PORT or unix://PATH",
    parse: { $0.isEmpty ? .some(nil) : PeerAddress($0, port: Statsd.port) == nil ? nil : .some($0) },
    isAllowed: { $0.map { PeerAddress($0, port: Statsd.port) != nil } ?? true }, write: { $0 ?? "" })

  static let socketPath = SettingForm(
    "a path of at most 107 bytes",
    parse: { $0.isEmpty || $0 == "off" ? .some(nil) : .some($0) },
    isAllowed: { $0.map { SocketAddress(unixPath: $0) != nil && !$0.hasPrefix("@") } ?? true }, write: { $0 ?? "off" })
}

extension SettingForm where Value == String {
  /// What goes into a line that other programs read.
  static let word = SettingForm(
    "a text without spaces", parse: { $0 }, isAllowed: { !$0.utf8.contains { $0 <= 0x20 || $0 == 0x7c } },
    write: { $0 })
}
