import Glibc
import Green
import Logging

// Another master of this program, which takes this one's place or whose place this one takes: USR2.
extension WorkerLifecycle {
  /// The other master that listens at the same sockets.
  enum Relative: Equatable, Sendable {
    case none
    /// It has been asked for, and is to take this one's place.
    case successorToBe
    /// It exists, and serves once `isReady`.
    case successor(pid_t, isReady: Bool)
    /// This one is to take its place.
    case predecessor
  }

  /// Whether the sockets are not this master's alone, so that it must leave their files where they are.
  package var sharesSockets: Bool { relative != .none }

  /// The program on disk is to take this one's place: a master of its own, beside this one until either is told to end.
  mutating func succeed() {
    switch relative {
    case .none:
      relative = .successorToBe
      actions.append(.startSuccessor)
    case .successorToBe, .successor: actions.append(.log(.warning, "USR2 signal ignored. Child exists."))
    case .predecessor: actions.append(.log(.warning, "USR2 signal ignored. Parent exists."))
    }
  }

  mutating func successorStarted(_ pid: pid_t) {
    relative = .successor(pid, isReady: false)
    actions.append(.log(.info, "New master with pid: \(pid)"))
  }

  mutating func successorFailed(_ reason: String) {
    relative = .none
    actions.append(.log(.error, "Cannot start a new master: \(reason)"))
  }

  mutating func successorReady() {
    guard case .successor(let pid, isReady: false) = relative else { return }
    relative = .successor(pid, isReady: true)
    actions.append(.log(.info, "The new master (pid:\(pid)) serves: TERM or QUIT ends this one, or TERM that one."))
  }

  /// A process has ended that was no worker. Whether it was the successor, whose workers end with it: this master goes on, and
  /// serves again if it had left that to the other.
  mutating func endedSuccessor(_ pid: pid_t, _ ending: Ending) -> Bool {
    guard case .successor(pid, isReady: let wasReady) = relative else { return false }
    relative = .none
    let when = wasReady ? "" : " before it served"
    let level: Logger.Level = ending == .exited(0) ? .info : .error
    actions.append(.log(level, "The new master (pid:\(pid)) \(ending)\(when): this one goes on."))
    if phase == .running { resume() }
    return true
  }

  mutating func predecessorEnded() {
    guard relative == .predecessor else { return }
    relative = .none
    actions.append(.log(.info, "Master has been promoted."))
    actions.append(.promote)
  }

  /// All workers finish what they do, and nobody comes after them: the other master serves, and this one waits for what becomes
  /// of it. Its listeners stay open.
  mutating func pause(at now: Int64) {
    actions.append(.log(.info, "graceful stop of workers"))
    if let reload { takeBack(reload) }
    isPaused = true
    wanted = 0
    for index in workers.indices.reversed() where !workers[index].isLeaving { retire(index, at: now) }
  }

  /// Takes ``pause(at:)`` back, with workers of the program that this master runs.
  mutating func resume() {
    guard isPaused else { return }
    isPaused = false
    wanted = limits.workers
  }
}
