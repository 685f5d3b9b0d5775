internal import Green
public import Logging

/// What is logged, and where; properties of ``Configuration``.
public struct LoggingSettings: Sendable {
  /// Where each request is logged; `nil` for nowhere but perhaps ``syslog``.
  public let accessLog = ServerSetting(
    "accesslog", "--access-logfile", value: "FILE", .destination, default: nil,
    "Where to log each request: a path, - for standard output, or off.")

  /// What a line of the access log says; <doc:Logs> lists the atoms.
  public let accessLogFormat = ServerSetting(
    "access_log_format", "--access-logformat", value: "FORMAT", .accessLogFormat, default: AccessLogFormat.standard,
    gunicorn: .differs("an atom that there is not is an error, where gunicorn writes -; \\t is a tab"),
    "What a line of the access log says, by gunicorn's atoms.")

  /// Where everything else is logged.
  public let errorLog = ServerSetting(
    "errorlog", "--log-file", "--error-logfile", value: "FILE", .errorDestination, default: .standardError,
    "Where to log everything else: a path, or - for standard error.")

  /// Whether what the program and its libraries print to standard output and standard error goes to the file of ``errorLog``
  /// too. Without such a file it changes nothing.
  public let captureOutput = ServerSetting(
    "capture_output", "--capture-output", value: "[BOOL]", .flag, default: false, bare: "yes",
    "Let what is printed to standard output and standard error go to the file of --error-logfile.")

  /// The lowest level that is logged.
  public let logLevel = ServerSetting(
    "loglevel", "--log-level", value: "LEVEL", .level, default: .info,
    "The least level that is logged: debug, info, warning, error or critical.")

  /// How lines of both logs are written.
  public let logFormat = ServerSetting(
    "log_format", "--log-format", value: "FORMAT", SettingForm<LogFormat>.choice, default: .text, gunicorn: .none,
    "text as gunicorn writes it, or json: an object a line, in both logs.")

  /// Whether the error log goes to syslog too, and the access log unless ``disableRedirectAccessToSyslog``.
  public let syslog = ServerSetting(
    "syslog", "--log-syslog", value: "[BOOL]", .flag, default: false, bare: "yes",
    "Send the logs to syslog too.")

  /// Where syslog listens.
  public let syslogAddress = ServerSetting(
    "syslog_addr", "--log-syslog-to", value: "ADDRESS", .syslogAddress, default: "udp://localhost:514",
    "Where syslog listens: udp://HOST:PORT, tcp://HOST:PORT or unix://PATH, perhaps with #dgram or #stream.")

  /// What messages to syslog are from: `greenfinch.PREFIX.error`. The program's name unless given.
  public let syslogPrefix = ServerSetting(
    "syslog_prefix", "--log-syslog-prefix", value: "NAME", .optionalText, default: nil,
    gunicorn: .differs("messages are from greenfinch.PREFIX.error, where gunicorn's are from gunicorn.PREFIX.error"),
    "What messages to syslog are from: greenfinch.PREFIX.error; the program's name unless given.")

  /// Which part of the system messages to syslog are from.
  public let syslogFacility = ServerSetting(
    "syslog_facility", "--log-syslog-facility", value: "NAME", .syslogFacility, default: "user",
    "Which part of the system messages to syslog are from: user, daemon, local0 and so on.")

  /// How messages to syslog are written.
  public let syslogFormat = ServerSetting(
    "syslog_format", "--log-syslog-format", value: "FORMAT", SettingForm<SyslogFormat>.choice, default: .rfc3164,
    gunicorn: .none, "How messages to syslog are written: rfc3164 or rfc5424.")

  /// Whether the access log stays out of syslog.
  public let disableRedirectAccessToSyslog = ServerSetting(
    "disable_redirect_access_to_syslog", "--disable-redirect-access-to-syslog", value: "[BOOL]", .flag,
    default: false, bare: "yes", "Keep the access log out of syslog.")
}
