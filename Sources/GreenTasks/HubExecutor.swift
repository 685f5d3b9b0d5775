public import Green
internal import Synchronization

/// Runs Swift's tasks on a hub's thread, in fibers: ``Green/Hub/executor``.
///
/// As a preference (`Task(executorPreference: hub.executor)`) it brings single tasks to the hub; where ``TaskRuntime`` is
/// installed, all tasks of the process are run by one. Blocking code in a task parks the fiber that runs it, and other
/// tasks and fibers run meanwhile.
///
/// Tasks do not keep a hub alive. When its last fiber ends, the hub ends, and a task that still sleeps or waits is not
/// resumed any more, as at the end of a process: a fiber that needs a task's end awaits it, see ``Green/Fiber/await(_:)``.
public final class HubExecutor: TaskExecutor, HubExtension {
  private let door: Hub.Door
  /// Whether the hub ends when its last fiber does, and not before somebody says so.
  let endsByItself: Bool
  /// Unsafe: used on the hub's thread only.
  private nonisolated(unsafe) var queues: Queues?

  private nonisolated(unsafe) var hasEnded = false
  /// Whether the hub is home to tasks no more, since it took none of another thread's when it was about to end.
  private let hasLeft = Atomic(false)

  private struct Queues {
    let process: Int
    let normal: JobQueue
    let background: JobQueue
    let main: JobQueue
  }

  /// Tasks refer to their executor without owning it, so one is never freed.
  fileprivate init(_ hub: Hub) {
    door = hub.door
    endsByItself = !hub.isHosted
    Self.all.withLock { $0.append(self) }
  }

  private static let all = Guarded<[HubExecutor]>([])

  package func hubGoesOn(_ hub: Hub) { settleAgain(hub) }

  private func settleAgain(_ hub: Hub) {
    if hasLeft.exchange(false, ordering: .acquiringAndReleasing) { ProcessExecutor.shared.settle(hub) }
  }

  package func hubEnds(_ hub: Hub) {
    ProcessExecutor.shared.leave(self)
    queues = nil
    hasEnded = true
  }

  /// Whether the calling thread is the hub's, in a fiber or in the loop.
  var isHere: Bool { door.isHere && !hasEnded }

  /// Runs a job on the hub's thread, in a fiber: what Swift's runtime calls for each part of a task. Never waits; any thread
  /// may call it.
  public func enqueue(_ job: consuming ExecutorJob) { accept(JobQueue.Job(job: UnownedJob(job), isPreference: true)) }

  /// A job of a task that prefers no executor.
  func accept(_ job: UnownedJob) { accept(JobQueue.Job(job: job, isPreference: false)) }

  private func accept(_ job: JobQueue.Job) {
    if isHere { return add(job) }
    if post({ $0.add(job) }) { return }
    if job.isPreference { reportLost() } else { pass(.ready(job.job)) }
  }

  func acceptOnMain(_ job: UnownedJob) {
    let main = JobQueue.Job(job: job, isPreference: false)
    if isHere { return prepared().main.append(main) }
    if !post({ $0.prepared().main.append(main) }) { pass(.onMain(job)) }
  }

  /// The job is ready at `due`.
  func accept(_ job: UnownedJob, at due: Deadline) {
    if isHere { return set(job, due) }
    if !post({ $0.set(job, due) }) { pass(.delayed(job, due)) }
  }

  /// The job is ready once `isDue` says so: for clocks that only they themselves can read.
  func accept(_ job: UnownedJob, when isDue: @escaping @Sendable () -> Bool) {
    if isDue() { return accept(job) }
    let isTaken = post { executor in
      Hub.current!.after(.milliseconds(1)) { executor.accept(job, when: isDue) }
    }
    if !isTaken { pass(.due(job, isDue)) }
  }

  /// A job that prefers no executor has come while this hub ends, or after it: the next that is home to tasks has it.
  private func pass(_ job: ProcessExecutor.Early) {
    ProcessExecutor.shared.leave(self)
    hasLeft.store(true, ordering: .releasing)
    ProcessExecutor.shared.accept(job)
    // The hub may go on: then it is told so before this, and takes it; or after this, and looks.
    _ = post { $0.settleAgain(Hub.current!) }
  }

  /// Soon, the hub is home to tasks, unless there is another home already. On any thread.
  func settle() { _ = post { _ in ProcessExecutor.shared.settle(Hub.current!) } }

  /// Starts a fiber on the hub, which inherits nothing. On any thread.
  ///
  /// - Returns: `false` when the hub has ended: then `body` does not run.
  package func spawn(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
    post { _ in Hub.current!.startPromised(name: name, body) }
  }

  /// - Returns: whether the hub takes it.
  private func post(_ body: @escaping @Sendable (HubExecutor) -> Void) -> Bool { door.post { body(self) } }

  private func reportLost() {
    Report.message("a task was to go on after its hub had ended: it will not. Await it before the hub ends")
  }

  private func set(_ job: UnownedJob, _ due: Deadline) {
    let rest = due.nanoseconds - Deadline.now.nanoseconds
    if rest <= 0 { return accept(job) }
    Hub.current!.after(.nanoseconds(rest)) { self.accept(job) }
  }

  private func add(_ job: JobQueue.Job) {
    let queues = prepared()
    if job.job.priority.rawValue < TaskPriority.utility.rawValue {
      queues.background.append(job)
    } else {
      queues.normal.append(job)
    }
  }

  /// The queues of this process: in a forked child, those of the parent are left alone.
  private func prepared() -> Queues {
    if let queues, queues.process == ForkHandler.generation { return queues }
    let hub = Hub.current!
    let executor = asUnownedTaskExecutor()
    let main = MainHubExecutor.shared.asUnownedSerialExecutor()
    let made = Queues(
      process: ForkHandler.generation,
      normal: JobQueue(hub: hub, priority: .normal) { $0.run(on: executor) },
      background: JobQueue(hub: hub, priority: .background) { $0.run(on: executor) },
      main: JobQueue(hub: hub, priority: .normal, isSerial: true) { $0.job.runSynchronously(on: main) })
    queues = made
    return made
  }
}

extension JobQueue.Job {
  /// Told of no executor of its own, a task goes on in an actor that is free without leaving the thread.
  fileprivate func run(on executor: UnownedTaskExecutor) {
    if isPreference { job.runSynchronously(on: executor) } else { job.runSynchronously(on: .generic) }
  }
}

extension Hub {
  /// What runs Swift's tasks on this hub. Any thread may give it tasks; ask for it on the hub's own.
  public var executor: HubExecutor {
    if let known = attached(HubExecutor.self) { return known }
    let made = HubExecutor(self)
    attach(made)
    return made
  }
}
