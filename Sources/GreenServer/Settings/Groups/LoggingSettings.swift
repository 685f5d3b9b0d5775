public import Logging

/// What is logged, and where; properties of ``Configuration``.
public struct LoggingSettings: Sendable {
  /// Where each request is logged; `nil` for nowhere.
  public let accessLog = ServerSetting(
    "accesslog", "--access-logfile", value: "FILE", .destination, default: nil,
    "Where to log each request: a path, - for standard output, or off.")

  /// The lowest level that is logged.
  public let logLevel = ServerSetting(
    "loglevel", "--log-level", value: "LEVEL", .level, default: .info,
    "The least level that is logged: debug, info, warning, error or critical.")
}
