internal import Green

/// The jobs of Swift's tasks that are ready on one hub, and the fibers that run them.
///
/// A job runs on a fiber, so that blocking code in it parks that fiber and not the thread. One fiber runs job after job;
/// before each it makes sure that another fiber will come for the rest, if this job should park. There is no fiber while
/// there is no job.
///
/// Where the Swift runtime's state of a thread cannot be kept apart for each fiber, jobs run in the hub itself, between
/// fibers: then blocking code in one keeps the thread, and the watchdog tells.
///
/// Only on the hub's thread.
final class JobQueue: @unchecked Sendable {
  private unowned let hub: Hub
  private let priority: FiberPriority
  /// Whether a job that parks keeps the others waiting: what runs on the main actor must not overlap.
  private let isSerial: Bool
  private let run: (Job) -> Void
  private let isInFibers: Bool

  /// A job, and whether its task prefers this very hub: then it must be told that it runs there.
  struct Job {
    let job: UnownedJob
    let isPreference: Bool
  }

  private var jobs: [Job] = []
  private var first = 0
  /// Whether a fiber has been started that has not yet looked for jobs.
  private var isFiberComing = false
  private var isDraining = false

  init(hub: Hub, priority: FiberPriority, isSerial: Bool = false, run: @escaping (Job) -> Void) {
    self.hub = hub
    self.priority = priority
    self.isSerial = isSerial
    self.run = run
    isInFibers = hub.keepsTasksApart
  }

  func append(_ job: Job) {
    jobs.append(job)
    sendFiber()
  }

  private func sendFiber() {
    guard !isFiberComing, !(isSerial && isDraining) else { return }
    isFiberComing = true
    guard isInFibers else {
      hub.door.post { self.drain() }
      return
    }
    do {
      try Fiber.spawnAlone(on: hub, name: "task", priority: priority) { self.drain() }
    } catch {
      // No stack can be had: it is tried again when some may have been given back.
      isFiberComing = false
      hub.after(.milliseconds(1)) { if self.first < self.jobs.count { self.sendFiber() } }
    }
  }

  /// After so many jobs in a row other fibers have their turn.
  private static let jobsInARow = 64

  private func drain() {
    isFiberComing = false
    isDraining = true
    let process = ForkHandler.generation
    var count = 0
    while let job = popFirst() {
      if isInFibers && first < jobs.count { sendFiber() }
      run(job)
      // The job has forked, and this is the child: the jobs that are left are the parent's.
      if process != ForkHandler.generation { return }
      count += 1
      // What cancelled the job must not end the next one.
      if Fiber.isCancelled { break }
      if count % Self.jobsInARow == 0 {
        guard isInFibers else { break }
        Fiber.yield()
      }
    }
    isDraining = false
    if first < jobs.count { sendFiber() }
  }

  private func popFirst() -> Job? {
    guard first < jobs.count else { return nil }
    let job = jobs[first]
    first += 1
    if first == jobs.count {
      jobs.removeAll(keepingCapacity: jobs.capacity <= 1024)
      first = 0
    } else if first >= 1024 && first * 2 > jobs.count {
      jobs.removeFirst(first)
      first = 0
    }
    return job
  }
}
