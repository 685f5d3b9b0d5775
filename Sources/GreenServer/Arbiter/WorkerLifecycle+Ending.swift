import Glibc
import Green

// Workers that end, and the end of the server.
extension WorkerLifecycle {
  mutating func ended(
    _ pid: pid_t, _ ending: Ending, during activity: String, forMemory: Bool?, at now: Int64
  ) {
    guard let index = workers.firstIndex(where: { $0.pid == pid }) else {
      if !endedSuccessor(pid, ending) { actions.append(.log(.debug, "Reaped unknown process (pid:\(pid))")) }
      return
    }
    let state = workers[index].state
    workers[index].state = .absent(spawnAt: nil)

    switch state {
    case .aborted: actions.append(.reportTimeout(slot: workers[index].slot, pid: pid))
    case .killed: break
    case .absent, .spawning, .starting, .ready, .leaving:
      if let line = ending.logged(pid, during: activity, forMemory: forMemory) { actions.append(line) }
    }
    guard let readySince = workers[index].readySince else {
      let reason = workers[index].reason ?? "it \(ending) before it was ready"
      workers[index].reason = reason
      if phase == .running && !workers[index].isLeaving {
        actions.append(.log(.error, "Worker (pid:\(pid)) failed to start: \(reason)"))
      }
      return failedToStart(index, at: now)
    }
    // Who comes after one that was to be replaced is on the way already.
    if workers[index].isLeaving || workers[index].isOutgoing { return _ = workers.remove(at: index) }
    // The first death is not a reason to wait, and neither is one after a good life.
    if now - readySince >= WorkerRecord.goodLife { workers[index].failures = 0 }
    workers[index].state = .absent(spawnAt: now + workers[index].backOff)
    workers[index].failures += 1
  }

  mutating func signalled(_ number: CInt, at now: Int64) {
    actions.append(.log(.info, "Handling signal: \(Signal(rawValue: number).shortName)"))
    switch (number, phase) {
    case (SIGTERM, .running):
      actions.append(.stopListening)
      drain(at: now)
    case (SIGINT, .running), (SIGQUIT, .running):
      actions.append(.stopListening)
      quit(at: now)
    case (SIGINT, .draining), (SIGQUIT, .draining):
      actions.append(.log(.info, "Quick shutdown requested"))
      quit(at: now)
    case (SIGINT, .quitting), (SIGQUIT, .quitting):
      phase = .quitting(deadline: now)
    case (SIGHUP, .running):
      actions.append(.log(.info, "Hang up: Master"))
      // To go back to the program of before, which runs here, is what it is for where the other was to take its place.
      if isPaused { return resume() }
      isReloadWanted = true
      reloadIfWanted()
    // populate(at:) does the rest.
    case (SIGTTIN, .running):
      isPaused = false
      wanted = min(wanted + 1, mostSlots)
    case (SIGTTOU, .running): if wanted > 1 { wanted -= 1 }
    case (SIGUSR1, _): reopenLogs()
    case (SIGUSR2, .running): succeed()
    case (SIGWINCH, .running) where !hasTerminal: pause(at: now)
    case (SIGWINCH, _): actions.append(.log(.debug, "SIGWINCH ignored. Not daemonized"))
    default: break
    }
  }

  /// Every worker opens its logs again: one that has not got as far as catching the signal is told when it is ready.
  private mutating func reopenLogs() {
    for index in workers.indices {
      if workers[index].readySince == nil {
        workers[index].missedReopening = true
      } else if let pid = workers[index].pid {
        actions.append(.kill(pid: pid, signal: SIGUSR1))
      }
    }
  }

  private mutating func drain(at now: Int64) {
    phase = .draining(deadline: now + limits.killTime)
    killAll(SIGTERM)
    for index in workers.indices {
      // One that starts has nothing to finish, and may hang.
      guard case .starting(let pid) = workers[index].state else { continue }
      workers[index].state = .leaving(pid, killAt: now + min(limits.killTime, Self.quickLimit))
    }
  }

  static let quickLimit: Int64 = 2_000_000_000

  private mutating func quit(at now: Int64) {
    phase = .quitting(deadline: now + Self.quickLimit)
    killAll(SIGQUIT)
  }

  private mutating func killAll(_ signal: CInt) {
    for worker in workers {
      if let pid = worker.pid { actions.append(.kill(pid: pid, signal: signal)) }
    }
  }
}
