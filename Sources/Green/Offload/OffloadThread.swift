internal import CGlibc
internal import Glibc

/// One thread of a pool.
///
/// Unsafe: `next` and `job` are the core's, under its lock.
final class OffloadThread: @unchecked Sendable {
  var next: OffloadThread?
  var job: OffloadJob?
  private let core: OffloadCore
  /// Behind a pointer: other threads post it.
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init(_ core: OffloadCore) {
    self.core = core
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  /// 0, or an `errno` of `pthread_create(3)`.
  func start() -> CInt {
    let argument = Unmanaged.passRetained(self).toOpaque()
    let error = cglibc_start_thread(
      { argument in
        Unmanaged<OffloadThread>.fromOpaque(argument!).takeRetainedValue().main()
        return nil
      }, argument, Self.stackSize, "green-offload")
    if error != 0 { Unmanaged<OffloadThread>.fromOpaque(argument).release() }
    return error
  }

  /// `getaddrinfo` with its modules and libraries that decode images are content with it; only what is touched costs.
  private static let stackSize = 1 << 20

  /// There is a job, or nothing ever will be.
  func wake() { sem_post(semaphore) }

  private func main() {
    var finished: OffloadJob?
    // A job that forks comes back in the child too, where this is the only thread, and the pool another.
    while core.generation == ForkHandler.generation {
      let turn = core.order(for: self, hasWorked: finished != nil)
      // After the turn: a fiber that offloads its next call at once finds this thread idle.
      finished?.complete()
      finished = nil
      switch turn {
      case .end: return
      case .job(let job): finished = performed(job)
      case .idle:
        guard let job = waitForJob() else { return }
        finished = performed(job)
      }
    }
  }

  private func performed(_ job: OffloadJob) -> OffloadJob {
    job.perform()
    return job
  }

  private func waitForJob() -> OffloadJob? {
    let deadline = Deadline.after(core.idleTimeout)
    while !isWoken(by: deadline) {
      // Handed a job in the last moment: it has been, or is being, told so.
      if deadline.hasPassed && core.retire(self) { return nil }
    }
    return core.job(for: self)
  }

  /// One wait, which a signal may end early.
  private func isWoken(by deadline: Deadline) -> Bool {
    if deadline == .never { return sem_wait(semaphore) == 0 }
    var time = Deadline(nanoseconds: max(0, deadline.nanoseconds)).asTimespec
    return cglibc_sem_wait_until(semaphore, &time) == 0
  }
}
