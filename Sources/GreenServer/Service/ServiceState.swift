import Glibc

/// How the server is, as a service manager sees it.
struct ServiceState: Equatable {
  enum Phase: Equatable {
    case starting
    case serving
    case reloading
    case stopping
    /// Another master has taken this one's place, which ends.
    case handedOver(to: pid_t)
  }

  var phase: Phase
  /// How many workers serve, and how many there are to be.
  var serving: Int
  var wanted: Int
  /// Whether a worker shows signs of life.
  var isAlive: Bool
}

extension WorkerLifecycle {
  var serviceState: ServiceState {
    let phase: ServiceState.Phase =
      switch self.phase {
      case .draining, .quitting, .exited:
        if case .successor(let pid, isReady: true) = relative { .handedOver(to: pid) } else { .stopping }
      case .running: reload != nil || isReloadWanted || isPreparing ? .reloading : someWereReady ? .serving : .starting
      }
    return ServiceState(
      phase: phase, serving: workers.count(where: \.isServing), wanted: wanted,
      isAlive: workers.contains { worker in
        switch worker.state {
        case .ready, .leaving: true
        case .absent, .spawning, .starting, .aborted, .killed: false
        }
      })
  }
}
