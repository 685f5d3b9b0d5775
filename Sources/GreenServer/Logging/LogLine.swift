import Green
package import Logging

/// A line of the error log, in gunicorn's format: `[2026-11-22 09:00:00 +0000] [39391] [INFO] message`.
package enum LogLine {
  package static func format(
    _ message: String, level: Logger.Level, pid: Int32, time: LocalTime, metadata: [(String, String)] = []
  ) -> String {
    let start = "[\(time.date) \(time.clock) \(time.zone)] [\(pid)] [\(name(of: level))] "
    return start + text(message, metadata: metadata) + "\n"
  }

  /// The message with its metadata, without what tells when and by whom it was written.
  static func text(_ message: String, metadata: [(String, String)]) -> String {
    var line = LogText.message(message)
    for (key, value) in metadata { line += " \(LogText.escaped(key))=\(quotedIfNeeded(value))" }
    return line
  }

  /// The message as one line of JSON, with its newline. Metadata are members of their own names, and texts.
  static func json(
    _ message: String, level: Logger.Level, pid: Int32, time: Timestamp, metadata: [(String, String)]
  ) -> String {
    var line = JSONObject()
    line.add("time", time.rfc3339(digits: 3))
    line.add("level", name(of: level))
    line.add("logger", "error")
    line.add("pid", Int(pid))
    line.add("message", message)
    let own: Set = ["time", "level", "logger", "pid", "message"]
    for (key, value) in metadata { line.add(own.contains(key) ? "metadata.\(key)" : key, value) }
    return line.text + "\n"
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
