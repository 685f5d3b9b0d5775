import Logging

/// What statsd is told, by gunicorn's names: the requests and log lines of this process, and the master's gauges.
///
/// Each message is one datagram, and nobody waits for whoever reads it.
final class Statsd: Sendable {
  private let socket: LossySocket
  private let prefix: String
  private let tags: String

  static let option = "--statsd-host"
  static let port: UInt16 = 8125

  /// `nil` where the settings name none.
  init?(_ configuration: Configuration) throws(LogFault) {
    guard let text = configuration.statsdHost else { return nil }
    guard let peer = PeerAddress(text, port: Self.port) else { throw LogFault(Self.option, text, "is not an address") }
    do throws(BindError) {
      socket = try LossySocket(peer)
    } catch {
      throw LogFault(Self.option, text, "cannot be used: \(error)")
    }
    var prefix = configuration.statsdPrefix[...]
    while prefix.hasSuffix(".") { prefix.removeLast() }
    self.prefix = prefix.isEmpty ? "" : "\(prefix)."
    tags = configuration.dogstatsdTags.isEmpty ? "" : "|#" + configuration.dogstatsdTags
  }

  func countRequest(status: Int, nanoseconds: Int64) {
    send([
      counter("requests"), line("request.duration", "\(Double(nanoseconds / 1000) / 1000)", "ms"),
      counter("request.status.\(status)"),
    ])
  }

  /// A handler threw.
  func countException() { send([counter("log.exception")]) }

  func note(_ event: ErrorLog.Event) {
    guard case .line(let level) = event else { return }
    switch level {
    case .critical: send([counter("log.critical")])
    case .error: send([counter("log.error")])
    case .warning: send([counter("log.warning")])
    case .trace, .debug, .info, .notice: break
    }
  }

  /// The master's gauges: how many workers serve, and how many connections wait in the kernel, where that is asked for.
  func tell(workers: Int, backlog: Int?) {
    send([line("workers", "\(workers)", "g")] + (backlog.map { [line("backlog", "\($0)", "h")] } ?? []))
  }

  private func counter(_ name: String) -> String { line(name, "1", "c|@1.0") }

  private func line(_ name: String, _ value: String, _ type: String) -> String {
    "\(prefix)gunicorn.\(name):\(value)|\(type)\(tags)"
  }

  private func send(_ lines: [String]) {
    let text = lines.joined(separator: "\n")
    socket.send { Array((text + ($0 ? "\n" : "")).utf8) }
  }
}
