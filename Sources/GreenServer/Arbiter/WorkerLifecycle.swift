package import Logging

/// The life of the workers as the master sees it: a value that is told what happened and says what to do.
///
/// It makes no system call and reads no clock, so that every course of events can be tested in no time. Times are
/// nanoseconds of `CLOCK_MONOTONIC`.
package struct WorkerLifecycle: Sendable {
  package enum Event: Equatable, Sendable {
    /// A worker's process exists.
    case spawned(slot: Int, pid: Int32)
    /// It could not be made.
    case spawnFailed(slot: Int, reason: String)
    /// A worker serves from now on.
    case ready(slot: Int)
    /// A worker says why it cannot start; it will end by itself.
    case startFailed(slot: Int, reason: String)
    /// A worker has served enough by its own settings, for the reason given: another is to take its place.
    case due(slot: Int, reason: String)
    /// When a worker last showed a sign of life.
    case heartbeat(slot: Int, at: Int64)
    /// A process ended, doing what is noted where that is known, and whether the kernel has killed one for want of memory.
    case ended(pid: Int32, Ending, during: String = "", forMemory: Bool? = nil)
    /// The program of the generation that was asked for can be started, with these settings.
    case prepared(Limits)
    /// It cannot, or its settings are wrong.
    case prepareFailed(reason: String)
    /// The master exists that is to take this one's place.
    case successorStarted(pid: Int32)
    case successorFailed(reason: String)
    /// It serves.
    case successorReady
    /// The master whose place this one is to take has ended.
    case predecessorEnded
    /// A signal came to the master.
    case signal(CInt)
    /// Time has passed: ``nextWake`` or more. All heartbeats have been told.
    case tick
  }

  package enum Action: Equatable, Sendable {
    /// Start a worker of a generation.
    case spawn(slot: Int, generation: Int = 0)
    /// Look for the program that is on disk now, and read its settings.
    case prepare(generation: Int)
    case kill(pid: Int32, signal: CInt)
    case log(Logger.Level, String)
    /// Log what a worker was doing that had to be killed because it showed no sign of life.
    case reportTimeout(slot: Int, pid: Int32)
    /// Start the program that is on disk now as a master that is to take this one's place.
    case startSuccessor
    /// The place of the master before is this one's from now on.
    case promote
    /// Tell the workers that the whole server is stopping, and listen no more.
    case stopListening
    case exit(status: CInt)
  }

  enum Phase: Equatable, Sendable {
    case running
    /// Workers finish what they do, until `deadline`.
    case draining(deadline: Int64)
    /// Workers end at once, until `deadline`.
    case quitting(deadline: Int64)
    case exited
  }

  var limits: Limits
  let abortLimit: Int64
  /// How many slots there are at the most.
  let mostSlots: Int
  var phase = Phase.running
  /// One for each slot in use, in the order of their age.
  var workers: [WorkerRecord] = []
  /// How many workers there are to be of the current generation.
  var wanted: Int
  /// Which program new workers run.
  var generation = 0
  /// The highest number that was given.
  var lastGeneration = 0
  var reload: Reload?
  /// Whether a reload was asked for that has not begun.
  var isReloadWanted = false
  /// Whether the program of a generation to come is being looked for, which may take long.
  var isPreparing = false
  /// Another master beside this one.
  var relative: Relative
  /// Whether the workers were told to leave the work to another master's.
  var isPaused = false
  /// Whether the server has a terminal, whose windows' sizes change.
  let hasTerminal: Bool
  /// How many records have been made.
  var ages = 0
  var someWereReady = false
  var actions: [Action] = []

  /// - Parameters:
  ///   - abortLimit: how long a silent worker that was aborted may take to end.
  ///   - isSuccessor: whether there is a master whose place this one is to take.
  ///   - hasTerminal: whether WINCH may come of a window's size.
  package init(
    _ limits: Limits, abortLimit: Int64 = 1_000_000_000, mostSlots: Int = .max, isSuccessor: Bool = false,
    hasTerminal: Bool = true
  ) {
    self.limits = limits
    self.hasTerminal = hasTerminal
    relative = isSuccessor ? .predecessor : .none
    wanted = limits.workers
    self.abortLimit = abortLimit
    self.mostSlots = mostSlots
  }

  /// What to do first.
  package mutating func start(at now: Int64) -> [Action] { handle(.tick, at: now) }

  /// Takes note of an event and says what to do about it, in order.
  package mutating func handle(_ event: Event, at now: Int64) -> [Action] {
    actions = []
    if phase == .exited { return [] }
    switch event {
    case .spawned(let slot, let pid): update(slot) { $0.spawned($1, pid, at: now) }
    case .spawnFailed(let slot, let reason): update(slot) { $0.spawnFailed($1, reason, at: now) }
    case .ready(let slot): update(slot) { $0.ready($1, at: now) }
    case .startFailed(let slot, let reason): update(slot) { $0.workers[$1].reason = reason }
    case .due(let slot, let reason): update(slot) { $0.due($1, reason) }
    case .heartbeat(let slot, let time):
      update(slot) { $0.workers[$1].heartbeat = max($0.workers[$1].heartbeat, time) }
    case .ended(let pid, let ending, let activity, let forMemory):
      ended(pid, ending, during: activity, forMemory: forMemory, at: now)
    case .prepared(let limits): prepared(limits)
    case .prepareFailed(let reason):
      isPreparing = false
      actions.append(.log(.error, "Cannot reload: \(reason)"))
    case .successorStarted(let pid): successorStarted(pid)
    case .successorFailed(let reason): successorFailed(reason)
    case .successorReady: successorReady()
    case .predecessorEnded: predecessorEnded()
    case .signal(let number): signalled(number, at: now)
    case .tick: watch(at: now)
    }
    passTime(to: now)
    return actions
  }

  /// Calls `body` with the index of the slot's record, where it has one.
  private mutating func update(_ slot: Int, _ body: (inout WorkerLifecycle, Int) -> Void) {
    if let index = workers.firstIndex(where: { $0.slot == slot }) { body(&self, index) }
  }

  /// When ``Event/tick`` is due at the latest; `nil` when nothing is waited for.
  package var nextWake: Int64? {
    var times = workers.compactMap { worker -> Int64? in
      switch worker.state {
      case .absent(let spawnAt): phase == .running ? spawnAt : nil
      case .starting, .ready:
        phase == .running ? [worker.silentUntil, worker.agedAt].compactMap(\.self).min() : nil
      case .leaving(_, let killAt), .aborted(_, let killAt): killAt
      case .spawning, .killed: nil
      }
    }
    switch phase {
    case .draining(let deadline), .quitting(let deadline): times.append(deadline)
    case .running, .exited: break
    }
    return times.min()
  }

  /// How many slots are in use, counted from the first.
  package var slotCount: Int { (workers.map(\.slot).max() ?? -1) + 1 }

  mutating func exit(status: CInt) {
    phase = .exited
    actions.append(.exit(status: status))
  }
}
