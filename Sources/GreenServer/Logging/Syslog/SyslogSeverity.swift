import Logging

/// How urgent a message is: RFC 5424, 6.2.1.
enum SyslogSeverity: Int {
  case critical = 2
  case error = 3
  case warning = 4
  case notice = 5
  case info = 6
  case debug = 7

  init(_ level: Logger.Level) {
    switch level {
    case .trace, .debug: self = .debug
    case .info: self = .info
    case .notice: self = .notice
    case .warning: self = .warning
    case .error: self = .error
    case .critical: self = .critical
    }
  }
}

/// Which part of the system a message is from: RFC 5424, 6.2.1, by gunicorn's names.
enum SyslogFacility {
  private static let codes: [(name: String, code: Int)] = [
    ("kern", 0), ("user", 1), ("mail", 2), ("daemon", 3), ("auth", 4), ("security", 4), ("syslog", 5), ("lpr", 6),
    ("news", 7), ("uucp", 8), ("cron", 9), ("authpriv", 10), ("ftp", 11),
    ("local0", 16), ("local1", 17), ("local2", 18), ("local3", 19), ("local4", 20), ("local5", 21), ("local6", 22),
    ("local7", 23),
  ]

  static let names = codes.map(\.name)

  static func code(of name: String) -> Int? { codes.first { $0.name == name }?.code }
}
