import Glibc

/// Tells the service manager that has started this process how the server is, by the protocol of `sd_notify(3)`.
struct ServiceNotices {
  private let socket: ServiceSocket
  private var messages: ServiceMessages

  /// Of the manager that the environment names; `nil` where there is none. A successor tells it in its predecessor's name.
  static func own(isSuccessor: Bool) -> ServiceNotices? {
    ServiceNotices(pid: isSuccessor ? nil : getpid()) { name in getenv(name).map { String(cString: $0) } }
  }

  /// - Parameter pid: the process that the variables have to be for; `nil` for any.
  init?(pid: pid_t?, environment: (String) -> String?) {
    guard let path = environment("NOTIFY_SOCKET"), let socket = ServiceSocket(path: path) else { return nil }
    self.socket = socket
    messages = ServiceMessages(interval: Self.watchdogInterval(pid, environment))
  }

  /// When something is due at the latest.
  var due: Int64? { messages.due }

  mutating func reloadBegins(at now: Int64) {
    let lines = messages.reloadBegins(at: now)
    if !lines.isEmpty { socket.send(lines) }
  }

  mutating func tell(_ state: ServiceState, at now: Int64) {
    for lines in messages.next(state, at: now) { socket.send(lines) }
  }

  /// As `sd_watchdog_enabled(3)` finds it.
  private static func watchdogInterval(_ pid: pid_t?, _ environment: (String) -> String?) -> Int64? {
    guard let text = environment("WATCHDOG_USEC"), let microseconds = Int64(text), microseconds > 0,
      microseconds < .max / 1000
    else { return nil }
    if let pid, let owner = environment("WATCHDOG_PID"), pid_t(owner) != pid { return nil }
    return microseconds * 1000 / 2
  }
}
