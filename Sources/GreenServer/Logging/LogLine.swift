import Green
package import Logging

/// A line of the error log, in gunicorn's format: `[2026-11-22 09:00:00 +0000] [39391] [INFO] message`.
package enum LogLine {
  package static func format(
    _ message: String, level: Logger.Level, pid: Int32, time: LocalTime, metadata: [(String, String)] = []
  ) -> String {
    var line = "[\(time.date) \(time.clock) \(time.zone)] [\(pid)] [\(name(of: level))] \(LogText.message(message))"
    for (key, value) in metadata { line += " \(LogText.escaped(key))=\(quotedIfNeeded(value))" }
    return line + "\n"
  }

  static func name(of level: Logger.Level) -> String {
    switch level {
    case .trace, .debug: "DEBUG"
    case .info, .notice: "INFO"
    case .warning: "WARNING"
    case .error: "ERROR"
    case .critical: "CRITICAL"
    }
  }

  static func level(named name: String) -> Logger.Level? {
    switch name.lowercased() {
    case "debug": .debug
    case "info": .info
    case "warning", "warn": .warning
    case "error": .error
    case "critical": .critical
    default: nil
    }
  }

  /// A value stays one word that can be found again: quoted when it has spaces, quotes or control characters.
  private static func quotedIfNeeded(_ value: String) -> String {
    let escaped = LogText.escaped(value)
    let isWord = !value.isEmpty && escaped == value && !value.utf8.contains(0x20)
    return isWord ? value : "\"\(escaped)\""
  }
}
