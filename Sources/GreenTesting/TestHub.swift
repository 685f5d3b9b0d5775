public import Green

/// A hub for tests: an hour of sleeping takes milliseconds, and which of the ready fibers runs next is chosen by a seed.
///
/// Time is virtual. It stands still while fibers run, and when all of them wait it jumps to the next deadline, so
/// everything that waits for time does so in the right order and without waiting. `Deadline.now`, sleeps, timers,
/// timeouts and the deadlines of all calls keep to it.
///
/// The schedule is chosen. Fibers that run in the order in which they became ready hide mistakes: here each pick is drawn
/// by a seeded generator, and a fiber may be interrupted in calls that do not have to wait, as it may be in production
/// where it has used up its turn. The same seed gives the same schedule, and a run that throws names its seed:
///
/// ```swift
/// @Test func theBalanceNeverGoesBelowZero() throws {
///   try TestHub.explore(seeds: 200) {
///     let account = Account(balance: 100)
///     let fibers = (0..<3).map { _ in Fiber.spawn { try? account.withdraw(60) } }
///     for fiber in fibers { try fiber.join() }
///     try #require(account.balance >= 0)
///   }
/// }
/// ```
///
/// What the seed does not govern: other threads, the network, and dictionaries that are iterated over, whose order is
/// another in each process unless `SWIFT_DETERMINISTIC_HASHING` is set.
public enum TestHub {
  /// Which of the ready fibers runs next.
  public enum Order: Sendable {
    /// One of them, drawn by the seed.
    case seeded
    /// The one that has been ready for longest, as in a `Hub`.
    case firstComeFirstServed
  }

  /// Runs `body` as the first fiber of a hub with virtual time, on a thread of its own, and waits until all its fibers have
  /// finished.
  ///
  /// Descriptors, other processes and threads are real and take no virtual time: when every fiber waits, time moves on
  /// only after they have been waited for, for as long as an offloaded call takes, or another thread keeps a lock, and
  /// otherwise for `patience`.
  ///
  /// - Parameters:
  ///   - seed: the one to replay; by default that of the environment's `GREEN_TEST_SEED`, else a new one.
  ///   - order: who is next; the seed also governs ``random`` and in-memory streams.
  ///   - patience: how long, in real time, a descriptor that somebody waits for may take before virtual time moves on.
  ///   - stackSize: usable bytes of each fiber's stack.
  ///   - body: the run; what it changes is made in it.
  /// - Returns: what `body` returned.
  /// - Throws: what `body` threw, `HubError.deadlock` when all fibers wait in vain, ``TestHubError`` for a seed in
  ///   the environment that is none. One line on the standard error names the seed then.
  @discardableResult
  public static func run<Result>(
    seed: UInt64? = nil, order: Order = .seeded, patience: Duration = .milliseconds(1),
    stackSize: Int = Hub.defaultStackSize, _ body: @escaping () throws -> Result
  ) throws -> Result {
    let seed = try seed ?? Seeds.fromEnvironment() ?? Seeds.new()
    do {
      return try start(seed, order, patience, stackSize, body)
    } catch {
      Report.message(
        "the run with seed \(seed) failed: \(error)")
      Report.message(
        "GREEN_TEST_SEED=\(seed) in the environment, or TestHub.run(seed: \(seed)), replays it")
      throw error
    }
  }

  static func start<Result>(
    _ seed: UInt64, _ order: Order, _ patience: Duration, _ stackSize: Int, _ body: @escaping () throws -> Result
  ) throws -> Result {
    let run = TestRun(seed: seed)
    return try OwnThread.run {
      try Hub.runVirtually(
        from: TestRun.start, patience: patience, choice: order == .seeded ? run.makeChoice() : nil, testRun: run,
        stackSize: stackSize, body)
    }
  }

  /// The seed of the run that the calling code belongs to; `nil` outside one, and on other threads.
  public static var seed: UInt64? { TestRun.current?.seed }

  /// How much virtual time has passed since the run began; `nil` outside one.
  public static var elapsed: Duration? { TestRun.current.map { _ in TestRun.start.duration(to: .now) } }

  /// Random numbers that are the same when the run is replayed; outside a run, new ones each time.
  ///
  /// ```swift
  /// let size = Int.random(in: 1...100, using: &TestHub.random)
  /// ```
  public static var random: SeededGenerator {
    get { TestRun.current?.random ?? SeededGenerator(seed: Seeds.new()) }
    set { TestRun.current?.random = newValue }
  }
}
