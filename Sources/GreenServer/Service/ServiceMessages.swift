/// What a service manager is told, and when: a value that is told how the server is and says which messages are due.
///
/// Times are nanoseconds of `CLOCK_MONOTONIC`.
struct ServiceMessages {
  /// How often the manager's watchdog is told that the server lives: half of `WATCHDOG_USEC`. `nil` for never.
  let interval: Int64?
  /// When it is told again; `nil` while it is not.
  private(set) var due: Int64?
  private var told: ServiceState?
  private var isReloading = false

  init(interval: Int64? = nil) { self.interval = interval }

  /// A reload was asked for: a manager that asked (`Type=notify-reload`) waits for this, and then for ``ready``.
  mutating func reloadBegins(at now: Int64) -> [String] {
    guard let told, told.phase == .serving || told.phase == .reloading else { return [] }
    isReloading = true
    return ["RELOADING=1", "MONOTONIC_USEC=\(now / 1000)", "STATUS=Reloading"]
  }

  /// The messages, each as its lines.
  mutating func next(_ state: ServiceState, at now: Int64) -> [[String]] {
    var messages: [[String]] = []
    if let lines = change(to: state) { messages.append(lines) }
    if let interval {
      if due == nil && state.phase != .starting { due = now }
      if let due, now >= due {
        // Without a life there is no word of it, and the manager starts the server anew.
        if state.isAlive { messages.append(["WATCHDOG=1"]) }
        self.due = now + interval
      }
    }
    return messages
  }

  private mutating func change(to state: ServiceState) -> [String]? {
    defer { told = state }
    switch state.phase {
    case .starting: return told == nil ? ["STATUS=Starting"] : nil
    case .stopping: return told?.phase == .stopping ? nil : ["STOPPING=1", "STATUS=Stopping"]
    case .handedOver(let pid): return told?.phase == state.phase ? nil : ["MAINPID=\(pid)"]
    case .reloading: return nil
    case .serving:
      let status = "STATUS=\(state.serving) of \(state.wanted) workers serve"
      if told?.phase != .serving || isReloading {
        isReloading = false
        return ["READY=1", status]
      }
      return told?.serving != state.serving || told?.wanted != state.wanted ? [status] : nil
    }
  }
}
