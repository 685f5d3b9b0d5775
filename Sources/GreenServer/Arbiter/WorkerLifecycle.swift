import Glibc
package import Logging

/// The life of the workers as the master sees it: a value that is told what happened and says what to do.
///
/// It makes no system call and reads no clock, so that every course of events can be tested in no time. Times are
/// nanoseconds of `CLOCK_MONOTONIC`.
package struct WorkerLifecycle: Sendable {
  package enum Event: Equatable, Sendable {
    /// A worker's process exists.
    case spawned(slot: Int, pid: pid_t)
    /// It could not be made.
    case spawnFailed(slot: Int, reason: String)
    /// A worker serves from now on.
    case ready(slot: Int)
    /// A worker says why it cannot start; it will end by itself.
    case startFailed(slot: Int, reason: String)
    /// When a worker last showed a sign of life.
    case heartbeat(slot: Int, at: Int64)
    /// A process ended, doing what is noted where that is known.
    case ended(pid: pid_t, Ending, during: String = "")
    /// A signal came to the master.
    case signal(CInt)
    /// Time has passed: ``nextWake`` or more. All heartbeats have been told.
    case tick
  }

  package enum Action: Equatable, Sendable {
    case spawn(slot: Int)
    case kill(pid: pid_t, signal: CInt)
    case log(Logger.Level, String)
    /// Log what a worker was doing that had to be killed because it showed no sign of life.
    case reportTimeout(slot: Int, pid: pid_t)
    /// Tell the workers that the whole server is stopping, and listen no more.
    case stopListening
    case exit(status: CInt)
  }

  private enum Phase: Equatable, Sendable {
    case running
    /// Workers finish what they do, until `deadline`.
    case draining(deadline: Int64)
    /// Workers end at once, until `deadline`.
    case quitting(deadline: Int64)
    case exited
  }

  private let timeout: Int64
  private let gracefulTimeout: Int64
  private var phase = Phase.running
  private var workers: [WorkerRecord]
  private var someWereReady = false
  private let abortLimit: Int64
  private var actions: [Action] = []

  /// `timeout` of 0 is none. `abortLimit` is how long a silent worker that was aborted may take to end.
  package init(workers count: Int, timeout: Int64, gracefulTimeout: Int64, abortLimit: Int64 = 1_000_000_000) {
    self.abortLimit = abortLimit
    // Sums with the time of day stay within an Int64.
    self.timeout = min(timeout, .max / 4)
    self.gracefulTimeout = min(gracefulTimeout, .max / 4)
    workers = Array(repeating: WorkerRecord(), count: count)
  }

  /// What to do first.
  package mutating func start(at now: Int64) -> [Action] {
    for slot in workers.indices { workers[slot].state = .absent(spawnAt: now) }
    return handle(.tick, at: now)
  }

  /// Takes note of an event and says what to do about it, in order.
  package mutating func handle(_ event: Event, at now: Int64) -> [Action] {
    actions = []
    if phase == .exited { return [] }
    switch event {
    case .spawned(let slot, let pid): spawned(slot, pid, at: now)
    case .spawnFailed(let slot, let reason):
      actions.append(.log(.error, "Cannot start a worker: \(reason)"))
      workers[slot].state = .absent(spawnAt: nil)
      failedToStart(slot, at: now)
    case .ready(let slot): ready(slot, at: now)
    case .startFailed(let slot, let reason): workers[slot].reason = reason
    case .heartbeat(let slot, let time): workers[slot].heartbeat = max(workers[slot].heartbeat, time)
    case .ended(let pid, let ending, let activity): ended(pid, ending, during: activity, at: now)
    case .signal(let number): signalled(number, at: now)
    case .tick: watch(at: now)
    }
    passTime(to: now)
    return actions
  }

  /// When ``Event/tick`` is due at the latest; `nil` when nothing is waited for.
  package var nextWake: Int64? {
    var times = workers.compactMap { worker -> Int64? in
      switch worker.state {
      case .absent(let spawnAt): phase == .running ? spawnAt : nil
      case .starting, .ready: isWatching ? worker.heartbeat + timeout : nil
      case .aborted(_, let killAt): killAt
      case .spawning, .killed: nil
      }
    }
    switch phase {
    case .draining(let deadline), .quitting(let deadline): times.append(deadline)
    case .running, .exited: break
    }
    return times.min()
  }

  private var isWatching: Bool { timeout > 0 && phase == .running }

  // MARK: Starting

  private mutating func spawned(_ slot: Int, _ pid: pid_t, at now: Int64) {
    workers[slot].state = .starting(pid)
    workers[slot].heartbeat = now
    workers[slot].reason = nil
    workers[slot].readySince = nil
    // The stop came between the decision and the deed.
    switch phase {
    case .draining: actions.append(.kill(pid: pid, signal: SIGTERM))
    case .quitting: actions.append(.kill(pid: pid, signal: SIGQUIT))
    case .running, .exited: break
    }
  }

  private mutating func ready(_ slot: Int, at now: Int64) {
    guard case .starting(let pid) = workers[slot].state else { return }
    workers[slot].state = .ready(pid)
    workers[slot].heartbeat = now
    workers[slot].readySince = now
    if !someWereReady {
      someWereReady = true
      // The program can start, so those that failed before have a chance.
      for other in workers.indices where workers[other].state == .absent(spawnAt: nil) {
        workers[other].state = .absent(spawnAt: now + workers[other].backOff)
      }
    }
  }

  /// A worker is absent without ever having been ready.
  private mutating func failedToStart(_ slot: Int, at now: Int64) {
    workers[slot].failures += 1
    guard phase == .running else { return }
    if someWereReady {
      workers[slot].state = .absent(spawnAt: now + workers[slot].backOff)
    } else if workers.allSatisfy({ $0.state == .absent(spawnAt: nil) }) {
      actions.append(.log(.error, "Shutting down: Master"))
      actions.append(.log(.error, "Reason: Worker failed to boot."))
      exit(status: 3)
    }
  }

  // MARK: Ending

  private mutating func ended(_ pid: pid_t, _ ending: Ending, during activity: String, at now: Int64) {
    guard let slot = workers.firstIndex(where: { $0.pid == pid }) else {
      actions.append(.log(.debug, "Reaped unknown process (pid:\(pid))"))
      return
    }
    let state = workers[slot].state
    workers[slot].state = .absent(spawnAt: nil)

    switch state {
    case .aborted: actions.append(.reportTimeout(slot: slot, pid: pid))
    case .killed: break
    case .absent, .spawning, .starting, .ready:
      if let line = ending.logged(pid, during: activity) { actions.append(line) }
    }
    guard let readySince = workers[slot].readySince else {
      if phase == .running {
        let reason = workers[slot].reason ?? "it \(ending) before it was ready"
        actions.append(.log(.error, "Worker (pid:\(pid)) failed to start: \(reason)"))
      }
      return failedToStart(slot, at: now)
    }
    // The first death is not a reason to wait, and neither is one after a good life.
    if now - readySince >= WorkerRecord.goodLife { workers[slot].failures = 0 }
    workers[slot].state = .absent(spawnAt: now + workers[slot].backOff)
    workers[slot].failures += 1
  }

  // MARK: Stopping

  private mutating func signalled(_ number: CInt, at now: Int64) {
    actions.append(.log(.info, "Handling signal: \(SignalDescriptor.name(of: number).lowercased())"))
    switch (number, phase) {
    case (SIGTERM, .running):
      actions.append(.stopListening)
      phase = .draining(deadline: now + gracefulTimeout)
      killAll(SIGTERM)
    case (SIGINT, .running), (SIGQUIT, .running):
      actions.append(.stopListening)
      quit(at: now)
    case (SIGINT, .draining), (SIGQUIT, .draining):
      actions.append(.log(.info, "Quick shutdown requested"))
      quit(at: now)
    case (SIGINT, .quitting), (SIGQUIT, .quitting):
      phase = .quitting(deadline: now)
    default: break
    }
  }

  private static let quickLimit: Int64 = 2_000_000_000

  private mutating func quit(at now: Int64) {
    phase = .quitting(deadline: now + Self.quickLimit)
    killAll(SIGQUIT)
  }

  private mutating func killAll(_ signal: CInt) {
    for worker in workers {
      if let pid = worker.pid { actions.append(.kill(pid: pid, signal: signal)) }
    }
  }

  private mutating func exit(status: CInt) {
    phase = .exited
    actions.append(.exit(status: status))
  }

  // MARK: Time

  private mutating func passTime(to now: Int64) {
    switch phase {
    case .exited: return
    case .running: break
    case .draining(let deadline), .quitting(let deadline):
      if workers.allSatisfy({ $0.pid == nil }) {
        actions.append(.log(.info, "Shutting down: Master"))
        return exit(status: 0)
      }
      if now >= deadline {
        for slot in workers.indices { kill(slot) }
        // Nothing more to do but wait for them.
        phase = .quitting(deadline: .max)
      }
    }

    for slot in workers.indices {
      switch workers[slot].state {
      case .absent(let spawnAt?) where phase == .running && now >= spawnAt:
        workers[slot].state = .spawning
        actions.append(.spawn(slot: slot))
      case .aborted(let pid, let killAt) where now >= killAt:
        actions.append(.reportTimeout(slot: slot, pid: pid))
        kill(slot)
      default: break
      }
    }
  }

  /// Only at a tick: then all heartbeats have been told, and none is old only because nobody looked.
  private mutating func watch(at now: Int64) {
    guard isWatching else { return }
    for slot in workers.indices where now - workers[slot].heartbeat >= timeout {
      switch workers[slot].state {
      case .starting(let pid), .ready(let pid):
        workers[slot].state = .aborted(pid, killAt: now + abortLimit)
        actions.append(.kill(pid: pid, signal: SIGABRT))
      default: break
      }
    }
  }

  private mutating func kill(_ slot: Int) {
    guard let pid = workers[slot].pid else { return }
    workers[slot].state = .killed(pid)
    actions.append(.kill(pid: pid, signal: SIGKILL))
  }
}
