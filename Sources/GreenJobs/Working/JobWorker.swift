internal import Glibc
public import Green
internal import GreenRedis
public import Logging

/// Does the jobs of a queue in this process, so many at once, each in a fiber. See ``JobQueue/work(_:logger:)``.
///
/// Its fibers belong to the hub that it was started on.
public final class JobWorker: Sendable {
  let queue: JobQueue
  let logger: Logger
  /// What Redis calls this worker.
  let name = "\(Host.name):\(getpid()):\(String(UInt64.random(in: 0 ... .max), radix: 36))"
  let process = OwnProcess()
  private let limit: Int
  private let places: Green.Semaphore
  private let state = Guarded(State())
  private let idle = Event()
  let fetchHasEnded = Event()

  private struct State {
    var isStopping = false
    /// What runs now, by the entries of the stream.
    var running: [String: @Sendable () -> Void] = [:]
    var loops: [@Sendable () -> Void] = []
  }

  init(_ queue: JobQueue, limit: Int, _ logger: Logger) {
    self.queue = queue
    self.limit = max(1, limit)
    self.logger = logger
    places = Green.Semaphore(max(1, limit))
  }

  var isStopping: Bool { state.withLock { $0.isStopping } }
  var runningEntries: [String] { state.withLock { Array($0.running.keys) } }

  /// How many jobs run now.
  public var runningCount: Int { state.withLock { $0.running.count } }

  /// - Throws: `HubError` where a fiber cannot be made. Then none is left.
  func start() throws {
    do {
      try spawnLoop("jobs fetch", { try self.fetch() }, atEnd: { self.fetchHasEnded.set() })
      try spawnLoop("jobs schedule") { try self.schedule() }
      try spawnLoop("jobs alive", outlivesStop: true) { try self.stayAlive() }
    } catch {
      for cancel in endLoops() { cancel() }
      fetchHasEnded.set()
      throw error
    }
  }

  /// A loop goes on over everything that happens to it, until the worker stops; one that outlives the stop, until it is
  /// cancelled, when the jobs have ended.
  ///
  /// - Throws: `HubError` where its fiber cannot be made.
  func spawnLoop(
    _ name: String, outlivesStop: Bool = false, _ body: @escaping () throws -> Void,
    atEnd end: @escaping () -> Void = {}
  ) throws {
    let fiber = try spawnAlone(name) {
      var pause = Duration.milliseconds(100)
      while outlivesStop || !self.isStopping {
        do {
          try body()
          pause = .milliseconds(100)
        } catch {
          if Fiber.isCancelled || self.isStopping && !outlivesStop { return }
          self.logger.warning("jobs: \(error)")
          guard (try? Fiber.sleep(for: pause)) != nil else { return }
          pause = min(pause * 2, .seconds(5))
        }
      }
    }
    fiber.whenFinished { _ in end() }
    // Unsafe: only called on the hub's own thread, by stop().
    nonisolated(unsafe) let loop = fiber
    state.withLock { $0.loops.append { loop.cancel() } }
  }

  /// With nothing of who began the worker: neither the deadline, which would end all of it, nor the values.
  private func spawnAlone(_ name: String, _ body: @escaping () -> Void) throws -> Fiber<Void> {
    guard let hub = Hub.current else { throw HubError.outside }
    return try Fiber<Void>.spawnAlone(on: hub, name: name, body)
  }

  // MARK: Jobs

  /// Runs a job in a fiber of its own; there is a place for it, which is given back when it has ended.
  ///
  /// - Throws: `HubError` where the fiber cannot be made. Then the place is the caller's still.
  func begin(_ entry: String, _ id: String) throws {
    let fiber = try spawnAlone("job \(id)") { self.perform(entry, id) }
    // Unsafe: only called on the hub's own thread, by stop().
    nonisolated(unsafe) let job = fiber
    state.withLock { $0.running[entry] = { job.cancel() } }
    // One that is cancelled before it has begun ends too.
    fiber.whenFinished { _ in self.end(entry) }
  }

  private func end(_ entry: String) {
    let isIdle = state.withLock { state in
      state.running[entry] = nil
      return state.running.isEmpty && state.isStopping
    }
    places.signal()
    if isIdle { idle.set() }
  }

  /// Waits until there is a place, and says how many there are; they are the caller's then.
  func takePlaces() throws -> Int {
    try places.wait()
    var count = 1
    while count < 100, places.waitIfAvailable() { count += 1 }
    return count
  }

  func giveBackPlaces(_ count: Int) { for _ in 0..<count { places.signal() } }

  // MARK: The end

  /// Begins no further job and waits for those that run. Those that have not ended by the deadline are cancelled, and
  /// go back to the queue. To be called on the hub that it was started on.
  public func stop(until deadline: Deadline = .never) {
    let loops = endLoops()
    // Its wait is short. Were it broken off, a job that comes at that moment would have to wait for another worker to miss it.
    try? fetchHasEnded.wait(until: min(deadline, .after(.seconds(3))))
    finishJobs(until: deadline)
    for cancel in loops { cancel() }
    _ = try? JobScripts.leave.run(on: queue.redis, keys: [queue.keys.ready], name)
  }

  /// Has the loops end when they next look, and says how to end them at once.
  private func endLoops() -> [@Sendable () -> Void] {
    state.withLock { state in
      state.isStopping = true
      return state.loops
    }
  }

  private func finishJobs(until deadline: Deadline) {
    if runningCount == 0 { return }
    // A little earlier, so that they can still be given back.
    let early = deadline == .never ? deadline : deadline.advanced(by: .milliseconds(-500))
    if (try? idle.wait(until: early)) != nil { return }
    for cancel in state.withLock({ Array($0.running.values) }) { cancel() }
    try? idle.wait(until: deadline)
  }
}

private enum Host {
  static let name: String = {
    var name = [CChar](repeating: 0, count: 256)
    return gethostname(&name, 255) == 0
      ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : "unknown"
  }()
}

extension JobQueue {
  /// Begins to do the queue's jobs on the calling hub, and returns at once. ``JobWorker/stop(until:)`` ends it. The caller's
  /// deadline is not the jobs', and its fiber-locals stay behind.
  ///
  /// Where it cannot begin, since there is no hub, or no stack for its fibers, that is logged as an error, and it does nothing.
  ///
  /// - Parameters:
  ///   - count: how many at once.
  ///   - logger: where failures are told.
  public func work(_ count: Int = 10, logger: Logger = Logger(label: "jobs")) -> JobWorker {
    let worker = JobWorker(self, limit: count, logger)
    do {
      try worker.start()
    } catch {
      logger.error("jobs: no job is done here: \(error)")
    }
    return worker
  }

  /// As ``work(_:logger:)`` for who ends where jobs are not done.
  func startWork(_ count: Int, logger: Logger) throws -> JobWorker {
    let worker = JobWorker(self, limit: count, logger)
    try worker.start()
    return worker
  }
}
