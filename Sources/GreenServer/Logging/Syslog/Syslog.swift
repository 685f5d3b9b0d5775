import CProcess
import Glibc
import Logging

/// One log of the process in syslog.
final class Syslog: Sendable {
  private let socket: LossySocket
  private let message: SyslogMessage

  /// `nil` where the settings ask for none. `kind` is which log it is: `error` or `access`.
  init?(_ configuration: Configuration, kind: String) throws(LogFault) {
    guard configuration.syslog else { return nil }
    let text = configuration.syslogAddress
    guard let peer = PeerAddress(text, port: Self.port) else { throw LogFault(Self.option, text, "is not an address") }
    do throws(BindError) {
      socket = try LossySocket(peer)
    } catch {
      throw LogFault(Self.option, text, "cannot be used: \(error)")
    }
    let prefix = configuration.syslogPrefix ?? String(cString: cprocess_image_name())
    let isLocal = if case .path = peer.place { true } else { false }
    message = SyslogMessage(
      format: configuration.syslogFormat, facility: SyslogFacility.code(of: configuration.syslogFacility) ?? 1,
      tag: "greenfinch.\(prefix).\(kind)".replacingSpaces, host: isLocal ? "" : SyslogMessage.ownHost, pid: getpid())
  }

  static let option = "--log-syslog-to"
  static let port: UInt16 = 514

  /// Sends a line, whose end is left out; false where it was lost.
  @discardableResult
  func write(_ line: String, _ severity: SyslogSeverity) -> Bool {
    let line = line.utf8.last == 0x0a ? String(line.dropLast()) : line
    let now = Timestamp.now
    return socket.send { message.bytes(line, severity, at: now, onStream: $0) }
  }

  /// Lines that were lost since it was last asked.
  func takeLost() -> Int { socket.takeLost() }
}

extension String {
  /// A tag is one word.
  fileprivate var replacingSpaces: String { String(map { $0 == " " || $0 == ":" ? "_" : $0 }) }
}
