internal import CFork
internal import CGlibc
internal import Green
internal import Synchronization
internal import SystemPackage

/// What all tasks of the process run on that prefer nothing else: the hub that is home to them.
final class ProcessExecutor: TaskExecutor {
  static let shared = ProcessExecutor()

  /// Unsafe: an address of a ``HubExecutor``, which is never freed; 0 while there is none.
  private let home = Atomic<UInt>(0)
  private let early = Guarded(Waiting())
  private let hasHadHome = Atomic(false)
  /// Whether a job that finds no hub has a thread with one started.
  private let startsThread = Atomic(false)
  /// Whether that thread alone may be home to tasks.
  private let keepsToThread = Atomic(false)

  /// What has come before there was a hub.
  private struct Waiting {
    var jobs: [Early] = []
    var isThreadComing = false
  }

  /// A job that came before there was a hub.
  enum Early {
    case ready(UnownedJob)
    case onMain(UnownedJob)
    case delayed(UnownedJob, Deadline)
    /// Ready once the function says so: for clocks that only they themselves can read.
    case due(UnownedJob, @Sendable () -> Bool)
  }

  var homeExecutor: HubExecutor? {
    UnsafeRawPointer(bitPattern: home.load(ordering: .acquiring)).map {
      Unmanaged<HubExecutor>.fromOpaque($0).takeUnretainedValue()
    }
  }

  /// What is done in a forked child, which must not take its parent's hub for its own: said before there is a home or a job, also
  /// where nothing was installed.
  static let forkHandler: Void = cfork_set(
    CFORK_TASKS,
    cfork_handlers(
      before: nil, in_parent: nil, in_child: { ProcessExecutor.shared.startAfresh() }, in_unseen_child: nil))

  var isForThreadAlone: Bool { keepsToThread.load(ordering: .relaxed) }

  func enqueue(_ job: consuming ExecutorJob) { accept(.ready(UnownedJob(job))) }

  func accept(_ job: Early) {
    if let homeExecutor { return Self.give(job, to: homeExecutor) }
    // A hub that comes to be home meanwhile takes the list under the same lock.
    let (executor, needsThread) = early.withLock { early -> (HubExecutor?, Bool) in
      if let homeExecutor { return (homeExecutor, false) }
      early.jobs.append(job)
      let needsThread = startsThread.load(ordering: .relaxed) && !early.isThreadComing
      if needsThread { early.isThreadComing = true }
      return (nil, needsThread)
    }
    if let executor { Self.give(job, to: executor) }
    if needsThread { startThread() }
  }

  /// From now on the jobs are for a thread with a hub of its own, and for no other, which the first has started.
  func keepToThread() {
    MainQueueWait.prepare()
    keepsToThread.store(true, ordering: .relaxed)
    startThreadForJobs()
  }

  /// A hub has started, on the calling thread: it is home to tasks unless it may end before they do. Where there are such hubs, it
  /// is not said that another comes.
  func meet(_ hub: Hub) {
    if hub.isHosted { return startThreadForJobs() }
    if !isForThreadAlone { settle(hub) }
  }

  /// From now on a job that finds no hub has a thread with one started.
  private func startThreadForJobs() {
    startsThread.store(true, ordering: .relaxed)
    let needsThread = early.withLock { early -> Bool in
      guard homeExecutor == nil, !early.jobs.isEmpty, !early.isThreadComing else { return false }
      early.isThreadComing = true
      return true
    }
    if needsThread { startThread() }
  }

  /// Waits for nothing: whoever has a job for a task may be in the loop of a hub, or hold a lock. So another thread asks for
  /// the one that tasks run on, and ends.
  private func startThread() {
    let error = cglibc_start_thread(
      { _ in
        ProcessExecutor.shared.bringThread()
        return nil
      }, nil, 1 << 19, "tasks")
    if error != 0 { threadHasCome(Errno(rawValue: error)) }
  }

  private func bringThread() {
    do {
      try HubThread.forTasks().executor.settle()
      threadHasCome(nil)
    } catch {
      threadHasCome(error)
    }
  }

  /// The next job tries again where it has not.
  private func threadHasCome(_ error: (any Error)?) {
    early.withLock { $0.isThreadComing = false }
    if let error { Report.message("no thread can be had for tasks, which wait for the next that is begun: \(error)") }
  }

  private static func give(_ job: Early, to executor: HubExecutor) {
    switch job {
    case .ready(let job): executor.accept(job)
    case .onMain(let job): executor.acceptOnMain(job)
    case .delayed(let job, let due): executor.accept(job, at: due)
    case .due(let job, let isDue): executor.accept(job, when: isDue)
    }
  }

  /// On the hub's thread: from now on tasks run there, unless there is another home already.
  func settle(_ hub: Hub) {
    Self.forkHandler
    let executor = hub.executor
    let address = UInt(bitPattern: Unmanaged.passUnretained(executor).toOpaque())
    let waiting = early.withLock { early -> [Early] in
      guard home.load(ordering: .relaxed) == 0 else { return [] }
      home.store(address, ordering: .releasing)
      hasHadHome.store(true, ordering: .relaxed)
      defer { early.jobs = [] }
      return early.jobs
    }
    for job in waiting { Self.give(job, to: executor) }
  }

  /// The executor's hub is about to end.
  func leave(_ executor: HubExecutor) {
    early.withLock { _ in if homeExecutor === executor { home.store(0, ordering: .releasing) } }
  }

  /// At the process's end: says that tasks have waited for a hub that never came. Where there was one, those that are left
  /// have ended with it, see ``HubExecutor``.
  func tellOfUnserved() {
    if hasHadHome.load(ordering: .relaxed) { return }
    let count = early.withLock { $0.jobs.count }
    if count == 0 { return }
    Report.message(
      "\(count == 1 ? "a task has" : "\(count) tasks have") not gone on: no thread of the process has run a hub. Run one by "
        + "Hub.run, or await tasks by Fiber.await")
  }

  /// In a forked child: the hub that was home goes on there only if it is the forking thread's own.
  func startAfresh() {
    early.beginAnew(with: Waiting())
    if isForThreadAlone { MainQueueWait.startAfresh() }
    if homeExecutor?.isHere != true { home.store(0, ordering: .releasing) }
  }
}

/// The main actor's executor: the home hub's thread, one job at a time.
final class MainHubExecutor: SerialExecutor {
  static let shared = MainHubExecutor()
  /// Set to end ``run()``.
  let stopping = Guarded<Event?>(nil)

  func enqueue(_ job: consuming ExecutorJob) { ProcessExecutor.shared.accept(.onMain(UnownedJob(job))) }
}
