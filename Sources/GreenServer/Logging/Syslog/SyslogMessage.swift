import Glibc

/// What messages of one log have in common, and how syslog writes them.
struct SyslogMessage: Sendable, Equatable {
  let format: SyslogFormat
  let facility: Int
  /// What wrote it: `greenfinch.app.error`.
  let tag: String
  /// This machine; empty for a socket of this machine's, whose reader knows.
  let host: String
  let pid: Int32

  /// The message as it is sent, without what ends it on a stream.
  func text(_ line: String, _ severity: SyslogSeverity, at time: Timestamp) -> String {
    let priority = facility * 8 + severity.rawValue
    switch format {
    case .rfc3164:
      let host = host.isEmpty ? "" : host + " "
      return "<\(priority)>\(time.rfc3164) \(host)\(tag): [\(pid)] \(line)"
    case .rfc5424:
      let name = host.isEmpty ? "-" : host
      return "<\(priority)>1 \(time.rfc3339(digits: 6)) \(name) \(tag.prefix(48)) \(pid) - - \(line)"
    }
  }

  /// The same as bytes for a socket. On a stream the end of a line ends a message of RFC 3164, and the length stands before
  /// one of RFC 5424: RFC 6587, 3.4.
  func bytes(_ line: String, _ severity: SyslogSeverity, at time: Timestamp, onStream: Bool) -> [UInt8] {
    let text = Array(text(line, severity, at: time).utf8)
    guard onStream else { return text }
    switch format {
    case .rfc3164: return text.map { $0 == 0x0a ? 0x20 : $0 } + [0x0a]
    case .rfc5424: return Array("\(text.count) ".utf8) + text
    }
  }

  /// This machine's name; `-` where it has none.
  static var ownHost: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "-" }
    let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.isEmpty || text.contains(" ") ? "-" : text
  }
}
