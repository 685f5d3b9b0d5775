/// How messages to syslog are written.
public enum SyslogFormat: String, Sendable, CaseIterable {
  /// The format of BSD, which every reader understands.
  case rfc3164
  /// The later one, with the year, the time zone and microseconds.
  case rfc5424
}
