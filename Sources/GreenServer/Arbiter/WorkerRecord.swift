import Glibc

/// What the master knows of the worker in one slot.
struct WorkerRecord: Sendable {
  enum State: Equatable, Sendable {
    /// No process. `nil`: not before something else happens.
    case absent(spawnAt: Int64?)
    /// The master was told to spawn it.
    case spawning
    case starting(pid_t)
    case ready(pid_t)
    /// It was asked to finish what it does, and will be killed if it takes too long.
    case leaving(pid_t, killAt: Int64)
    /// It showed no sign of life and was asked to say what it does and die.
    case aborted(pid_t, killAt: Int64)
    /// It was killed by the master.
    case killed(pid_t)
  }

  /// Its place on the scoreboard.
  let slot: Int
  /// Which of the programs that the server has been told to run it runs; 0 is the first.
  let generation: Int
  /// What its own settings say, which a reload does not change: by them it beats and finishes.
  let limits: WorkerLifecycle.Limits
  /// The smaller, the older the place.
  let age: Int
  var state: State
  /// Whether nobody comes after it.
  var isLeaving = false
  /// Why it is to be replaced, although it serves; `nil` where it is not.
  var due: String?
  /// Whether its successor has been asked for, and it serves until that one does.
  var isOutgoing = false
  var heartbeat: Int64 = 0
  /// Since when it has been ready; `nil` while it starts.
  var readySince: Int64?
  /// Whether the logs were to be opened again while it started, and could not be told.
  var missedReopening = false
  /// Why it says that it cannot start.
  var reason: String?
  /// Workers of this slot that have ended in a row without a good life.
  var failures = 0

  var pid: pid_t? {
    switch state {
    case .absent, .spawning: nil
    case .starting(let pid), .ready(let pid), .leaving(let pid, _), .aborted(let pid, _), .killed(let pid): pid
    }
  }

  /// By when it has to show a sign of life, which is to serve where it starts; `nil` where it need not.
  var silentUntil: Int64? {
    let limit = readySince == nil && limits.bootTimeout > 0 ? limits.bootTimeout : limits.timeout
    return limit > 0 ? heartbeat + limit : nil
  }

  /// When it has served for as long as its settings say; `nil` where they say nothing, or it is known to be due.
  var agedAt: Int64? {
    guard limits.maxAge > 0, due == nil, let readySince, isServing else { return nil }
    return readySince + limits.maxAge
  }

  /// Whether it serves, and is to go on doing so.
  var isServing: Bool { if case .ready = state { !isLeaving } else { false } }

  /// A worker that has been ready for this long ended for a reason of its own.
  static let goodLife: Int64 = 1_000_000_000

  /// How long the next worker of this slot waits: 0, then 0.1 s doubling to 5 s.
  var backOff: Int64 {
    failures == 0 ? 0 : min(100_000_000 << min(failures - 1, 10), 5_000_000_000)
  }
}
