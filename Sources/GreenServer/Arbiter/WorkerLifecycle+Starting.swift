import Glibc

// Workers that begin.
extension WorkerLifecycle {
  mutating func spawned(_ index: Int, _ pid: pid_t, at now: Int64) {
    workers[index].state = .starting(pid)
    workers[index].heartbeat = now
    workers[index].reason = nil
    workers[index].readySince = nil
    workers[index].due = nil
    workers[index].missedReopening = false
    // The stop came between the decision and the deed.
    switch phase {
    case .draining: actions.append(.kill(pid: pid, signal: SIGTERM))
    case .quitting: actions.append(.kill(pid: pid, signal: SIGQUIT))
    case .running: if workers[index].isLeaving { retire(index, at: now) }
    case .exited: break
    }
  }

  mutating func spawnFailed(_ index: Int, _ reason: String, at now: Int64) {
    actions.append(.log(.error, "Cannot start a worker: \(reason)"))
    workers[index].state = .absent(spawnAt: nil)
    workers[index].reason = reason
    failedToStart(index, at: now)
  }

  mutating func ready(_ index: Int, at now: Int64) {
    guard case .starting(let pid) = workers[index].state else { return }
    workers[index].state = .ready(pid)
    workers[index].heartbeat = now
    workers[index].readySince = now
    if workers[index].missedReopening { actions.append(.kill(pid: pid, signal: SIGUSR1)) }
    if workers[index].generation == generation { reload = nil }
    if !someWereReady {
      someWereReady = true
      // The program can start, so those that failed before have a chance.
      for other in workers.indices where workers[other].state == .absent(spawnAt: nil) {
        workers[other].state = .absent(spawnAt: now + workers[other].backOff)
      }
    }
  }

  /// A worker is absent without ever having been ready.
  mutating func failedToStart(_ index: Int, at now: Int64) {
    workers[index].failures += 1
    guard phase == .running else { return }
    if workers[index].isLeaving {
      workers.remove(at: index)
      endIfNoneCanStart()
    } else if reload != nil && workers[index].generation == generation {
      abandonReload(workers[index].reason ?? "it has ended", at: now)
    } else if someWereReady {
      workers[index].state = .absent(spawnAt: now + workers[index].backOff)
    } else {
      endIfNoneCanStart()
    }
  }

  /// Where none was ever ready and all have failed, nothing is left to wait for.
  private mutating func endIfNoneCanStart() {
    guard !someWereReady, !workers.isEmpty, workers.allSatisfy({ $0.state == .absent(spawnAt: nil) }) else { return }
    actions.append(.log(.error, "Shutting down: Master"))
    actions.append(.log(.error, "Reason: Worker failed to boot."))
    exit(status: 3)
  }
}
