internal import Green
internal import Logging

// How the values of the settings of logs are written.

extension SettingForm where Value == AccessLogDestination? {
  static let destination = SettingForm(
    "a path, - for standard output, or off",
    read: { text throws(SettingFault) in
      if text.isEmpty || text == "true" { throw SettingFault("not a path, - for standard output, or off") }
      return text == "off" || text == "false" ? nil : AccessLogDestination(argument: text)
    },
    write: { destination in
      switch destination {
      case nil: "off"
      case .standardOutput: "-"
      case .file(let path): path
      }
    })
}

extension SettingForm where Value == ErrorLogDestination {
  static let errorDestination = SettingForm(
    "a path, or - for standard error",
    parse: { $0.isEmpty ? nil : $0 == "-" ? .standardError : .file($0) },
    write: { destination in
      switch destination {
      case .standardError: "-"
      case .file(let path): path
      }
    })
}

extension SettingForm where Value == Logger.Level {
  static let level = SettingForm(
    "debug, info, warning, error or critical",
    read: { name throws(SettingFault) in
      guard let level = LogLine.level(named: name) else {
        throw SettingFault("which is none of debug, info, warning, error or critical")
      }
      return level
    }, write: { $0.rawValue })
}

extension SettingForm where Value == String {
  static let accessLogFormat = SettingForm(
    "text with gunicorn's atoms, such as %(h)s, %({referer}i)s and %(L)s",
    read: { text throws(SettingFault) in
      _ = try AccessLogFormat(text)
      return text
    },
    check: { text throws(SettingFault) in _ = try AccessLogFormat(text) }, write: { $0 })

  static let syslogAddress = SettingForm(
    "udp://HOST:PORT, tcp://HOST:PORT or unix://PATH, to which #dgram or #stream may be added",
    parse: { PeerAddress($0, port: Syslog.port) == nil ? nil : $0 },
    isAllowed: { PeerAddress($0, port: Syslog.port) != nil }, write: { $0 })

  static let syslogFacility = SettingForm(
    SyslogFacility.names.joined(separator: ", "), parse: { SyslogFacility.code(of: $0) == nil ? nil : $0 },
    isAllowed: { SyslogFacility.code(of: $0) != nil }, write: { $0 })
}
