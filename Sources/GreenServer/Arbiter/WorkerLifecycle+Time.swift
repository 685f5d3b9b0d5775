import Glibc

// What is due by the clock.
extension WorkerLifecycle {
  mutating func passTime(to now: Int64) {
    switch phase {
    case .exited: return
    case .running:
      relieve(at: now)
      recycle(at: now)
      populate(at: now)
    case .draining(let deadline), .quitting(let deadline):
      if workers.allSatisfy({ $0.pid == nil }) {
        actions.append(.log(.info, "Shutting down: Master"))
        return exit(status: 0)
      }
      if now >= deadline {
        for index in workers.indices { if case .draining = phase { cutOff(index) } else { kill(index) } }
        // Nothing more to do but wait for them.
        phase = .quitting(deadline: .max)
      }
    }

    for index in workers.indices {
      switch workers[index].state {
      case .absent(let spawnAt?) where phase == .running && now >= spawnAt:
        workers[index].state = .spawning
        actions.append(.spawn(slot: workers[index].slot, generation: workers[index].generation))
      case .leaving(_, let killAt) where now >= killAt: cutOff(index)
      case .aborted(let pid, let killAt) where now >= killAt:
        actions.append(.reportTimeout(slot: workers[index].slot, pid: pid))
        kill(index)
      default: break
      }
    }
  }

  /// Only at a tick: then all heartbeats have been told, and none is old only because nobody looked.
  mutating func watch(at now: Int64) {
    guard phase == .running else { return }
    for index in workers.indices {
      guard let limit = workers[index].silentUntil, now >= limit else { continue }
      switch workers[index].state {
      case .starting(let pid), .ready(let pid):
        if workers[index].readySince == nil {
          workers[index].reason = "it did not serve within \(seconds(limit - workers[index].heartbeat))"
        }
        workers[index].state = .aborted(pid, killAt: now + abortLimit)
        actions.append(.kill(pid: pid, signal: SIGABRT))
      default: break
      }
    }
  }

  /// A worker ends what is in progress when the graceful timeout is over; this one could not even do that.
  private mutating func cutOff(_ index: Int) {
    guard let pid = workers[index].pid else { return }
    guard workers[index].readySince != nil else { return kill(index) }
    actions.append(.log(.warning, "Worker (pid:\(pid)) has not finished within the graceful timeout and is killed"))
    kill(index)
  }

  private mutating func kill(_ index: Int) {
    guard let pid = workers[index].pid else { return }
    workers[index].state = .killed(pid)
    actions.append(.kill(pid: pid, signal: SIGKILL))
  }
}
