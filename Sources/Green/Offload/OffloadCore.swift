internal import CGlibc
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// The queue and the threads of a pool, in one process.
///
/// Nothing is allocated, freed or waited for while the state is locked: a fiber that parked there would take the lock
/// with it.
final class OffloadCore: Sendable {
  let generation = ForkHandler.generation
  let idleTimeout: Duration
  /// The parent's, in a forked child. Its calls must never be freed there.
  private let previous: OffloadCore?
  private let limit: Atomic<Int>
  private let state = Guarded(State())

  private struct State {
    var queue = OffloadQueue()
    /// The threads that have nothing to do, the last first: the others then end when there is less to do.
    var idle: OffloadThread?
    var threads = 0
    var running = 0
    var isClosed = false
  }

  init(maximum: Int, idleTimeout: Duration, previous: OffloadCore?) {
    self.idleTimeout = idleTimeout
    self.previous = previous
    limit = Atomic(max(1, maximum))
  }

  var maximum: Int {
    get { limit.load(ordering: .relaxed) }
    set {
      limit.store(max(1, newValue), ordering: .relaxed)
      startMissingThreads()
    }
  }

  var statistics: OffloadPool.Statistics {
    state.withLock { .init(threads: $0.threads, queued: $0.queue.count, running: $0.running) }
  }

  /// Hands the job to a thread, or queues it and starts one where there may be more.
  func submit(_ job: OffloadJob) throws(Errno) {
    let (idle, isShort) = state.withLock { state -> (OffloadThread?, Bool) in
      if let idle = state.idle {
        state.idle = idle.next
        idle.next = nil
        idle.job = job
        state.running += 1
        return (idle, false)
      }
      state.queue.append(job)
      guard state.threads < maximum else { return (nil, false) }
      state.threads += 1
      return (nil, true)
    }
    idle?.wake()
    if isShort { try startThread(for: job) }
  }

  private func startThread(for job: OffloadJob) throws(Errno) {
    let error = OffloadThread(self).start()
    guard error != 0 else { return }
    withoutThread(error)
    try job.checkThread()
  }

  /// A thread cannot be had. Those that exist will come to what is queued; without any it would wait for ever, whoever
  /// queued it.
  private func withoutThread(_ error: CInt) {
    state.withLock { $0.threads -= 1 }
    while let job = state.withLock({ $0.threads == 0 ? $0.queue.popFirst() : nil }) { job.fail(error) }
  }

  /// For jobs that are queued where there may be more threads now. One that cannot be had is made up for by the others.
  private func startMissingThreads() {
    let missing = state.withLock { state in
      let count = max(0, min(state.queue.count, maximum - state.threads))
      state.threads += count
      return count
    }
    for _ in 0..<missing {
      let error = OffloadThread(self).start()
      if error != 0 { withoutThread(error) }
    }
  }

  /// Nobody waits for the job any more.
  func abandon(_ job: OffloadJob) {
    state.withLock { if job.isQueued { $0.queue.remove(job) } }
  }

  enum Order {
    case job(OffloadJob)
    case idle
    case end
  }

  /// What a thread does next, having done a job or just begun. From the answer `.idle` on, a job may come to it.
  func order(for thread: OffloadThread, hasWorked: Bool) -> Order {
    state.withLock { state in
      if hasWorked { state.running -= 1 }
      if let job = state.queue.popFirst() {
        state.running += 1
        return .job(job)
      }
      if state.isClosed || state.threads > maximum {
        state.threads -= 1
        return .end
      }
      thread.next = state.idle
      state.idle = thread
      return .idle
    }
  }

  /// The job that a thread was woken for, `nil` when the pool has gone away.
  func job(for thread: OffloadThread) -> OffloadJob? {
    state.withLock { _ in
      defer { thread.job = nil }
      return thread.job
    }
  }

  /// Whether a thread that has waited long enough may end: no job has come to it.
  func retire(_ thread: OffloadThread) -> Bool {
    state.withLock { state in
      var before: OffloadThread?
      var one = state.idle
      while let candidate = one, candidate !== thread { (before, one) = (candidate, candidate.next) }
      guard one != nil else { return false }
      if let before { before.next = thread.next } else { state.idle = thread.next }
      thread.next = nil
      state.threads -= 1
      return true
    }
  }

  /// The pool has gone away: threads that have nothing to do end, the others when they have done it.
  func close() {
    while let thread = closeOne() { thread.wake() }
  }

  private func closeOne() -> OffloadThread? {
    state.withLock { state in
      state.isClosed = true
      guard let thread = state.idle else { return nil }
      state.idle = thread.next
      thread.next = nil
      state.threads -= 1
      return thread
    }
  }
}

/// Jobs in the order in which they came, linked through themselves.
struct OffloadQueue {
  private var first: OffloadJob?
  private unowned(unsafe) var last: OffloadJob?
  private(set) var count = 0

  mutating func append(_ job: OffloadJob) {
    job.previous = last
    if let last { last.next = job } else { first = job }
    last = job
    job.isQueued = true
    count += 1
  }

  mutating func popFirst() -> OffloadJob? {
    guard let job = first else { return nil }
    remove(job)
    return job
  }

  /// The caller holds the job.
  mutating func remove(_ job: OffloadJob) {
    let next = job.next
    if let next { next.previous = job.previous } else { last = job.previous }
    if let previous = job.previous { previous.next = next } else { first = next }
    job.next = nil
    job.previous = nil
    job.isQueued = false
    count -= 1
  }
}
