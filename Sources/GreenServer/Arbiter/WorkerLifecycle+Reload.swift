import Glibc

// A program, and its settings, that take the place of those in force.
extension WorkerLifecycle {
  /// What the settings say of workers.
  package struct Limits: Equatable, Sendable {
    package var workers: Int
    /// In nanoseconds; 0 is none.
    package var timeout: Int64
    package var gracefulTimeout: Int64
    /// How long a worker may take to start; 0 is as long as `timeout`.
    package var bootTimeout: Int64
    /// How long a worker serves before it is replaced; 0 is for ever.
    package var maxAge: Int64
    /// How long after the graceful timeout a worker is killed: it ends what is left by itself, and counts it.
    package var cutTime: Int64

    package init(
      workers: Int, timeout: Int64, gracefulTimeout: Int64, bootTimeout: Int64 = 0, maxAge: Int64 = 0,
      cutTime: Int64 = 0
    ) {
      self.workers = workers
      // Sums with the time of day stay within an Int64.
      self.timeout = min(timeout, .max / 4)
      self.gracefulTimeout = min(gracefulTimeout, .max / 4)
      self.bootTimeout = min(bootTimeout, .max / 4)
      self.maxAge = min(maxAge, .max / 4)
      self.cutTime = cutTime
    }

    /// How long after it was asked to finish a worker is killed.
    var killTime: Int64 { gracefulTimeout + cutTime }
  }

  /// One generation that is to take another's place, none of whose workers has been ready yet.
  struct Reload: Equatable, Sendable {
    let previousGeneration: Int
    let previousLimits: Limits
    let previousWanted: Int
  }

  /// Begins a reload that was asked for, once the server has started and it is known of the last whether it can.
  mutating func reloadIfWanted() {
    guard isReloadWanted, reload == nil, someWereReady, phase == .running else { return }
    isReloadWanted = false
    isPreparing = true
    actions.append(.prepare(generation: lastGeneration + 1))
  }

  /// The program of a new generation can be started, with these settings.
  mutating func prepared(_ limits: Limits) {
    isPreparing = false
    guard phase == .running else { return }
    reload = Reload(previousGeneration: generation, previousLimits: self.limits, previousWanted: wanted)
    lastGeneration += 1
    generation = lastGeneration
    self.limits = limits
    wanted = limits.workers
  }

  /// For each new worker that serves one of the old ones goes, those first that do not serve, then the oldest. Before the
  /// first is ready none does.
  mutating func relieve(at now: Int64) {
    let ready = workers.count { isMember($0) && $0.isServing }
    guard ready > 0 else { return }
    let older = workers.indices.filter { !workers[$0].isLeaving && !isMember(workers[$0]) }
    let first = older.filter { !workers[$0].isServing } + older.filter { workers[$0].isServing }
    let surplus = max(0, older.count - max(0, wanted - ready))
    for index in first.prefix(surplus).sorted(by: >) { retire(index, at: now) }
    reloadIfWanted()
  }

  /// The new workers cannot start: those of before go on as if nothing had been asked for.
  mutating func abandonReload(_ reason: String, at now: Int64) {
    guard let abandoned = reload else { return }
    actions.append(.log(.error, "The workers are not replaced, since a new one cannot start: \(reason)"))
    for index in workers.indices.reversed() where workers[index].generation == generation && !workers[index].isLeaving {
      retire(index, at: now)
    }
    takeBack(abandoned)
    reloadIfWanted()
  }

  /// The generation of before is the current one again.
  mutating func takeBack(_ reload: Reload) {
    generation = reload.previousGeneration
    limits = reload.previousLimits
    wanted = reload.previousWanted
    self.reload = nil
  }

  /// Whether there is a worker of a generation, or may be one.
  func isInUse(_ generation: Int) -> Bool {
    generation == self.generation || workers.contains { $0.generation == generation }
  }
}
