// The one file that uses what the Swift runtime has not made public: that a process may bring its own executors. The
// toolchain that changes it will refuse this file, and then `ProcessExecutors` is to do nothing and say `false`:
// ``TaskRuntime`` falls back to executor preferences, which are public.
//
// See swift-evolution, "Custom Main and Global Executors", and 0505, "Delayed Enqueuing for Executors".

internal import Green
@_spi(ExperimentalCustomExecutors) @_spi(ExperimentalScheduling) internal import _Concurrency

enum ProcessExecutors {
  /// Replaces the executors of the process. To be called once, before its first task.
  static func install() -> Bool {
    _createExecutors(factory: Factory.self)
    return true
  }

  private struct Factory: ExecutorFactory {
    static var mainExecutor: any MainExecutor { MainHubExecutor.shared }
    static var defaultExecutor: any TaskExecutor { ProcessExecutor.shared }
  }
}

extension UnownedSerialExecutor {
  /// The executor of code that no actor isolates: two words of zero, as the standard library's own
  /// `_getGenericSerialExecutor()` makes it.
  static var generic: UnownedSerialExecutor { unsafeBitCast((UInt(0), UInt(0)), to: UnownedSerialExecutor.self) }
}

extension ProcessExecutor: SchedulingExecutor {
  func enqueue<C: Clock>(
    _ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C
  ) {
    enqueue(job, at: clock.now.advanced(by: delay), tolerance: tolerance, clock: clock)
  }

  func enqueue<C: Clock>(_ job: consuming ExecutorJob, at instant: C.Instant, tolerance: C.Duration?, clock: C) {
    let job = UnownedJob(job)
    if let delay = clock.now.duration(to: instant) as? Duration {
      accept(.delayed(job, .after(max(.zero, delay))))
    } else {
      accept(.due(job) { clock.now >= instant })
    }
  }
}

extension MainHubExecutor: MainExecutor, SchedulingExecutor {
  // A sleep's own job belongs to no actor: it only makes the task ready, wherever that runs.
  func enqueue<C: Clock>(
    _ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C
  ) {
    ProcessExecutor.shared.enqueue(job, after: delay, tolerance: tolerance, clock: clock)
  }

  func enqueue<C: Clock>(_ job: consuming ExecutorJob, at instant: C.Instant, tolerance: C.Duration?, clock: C) {
    ProcessExecutor.shared.enqueue(job, at: instant, tolerance: tolerance, clock: clock)
  }

  /// Runs a hub on the calling thread until ``stop()``: what an `async` main function waits in.
  func run() throws {
    try Hub.run {
      let event = self.stopping.withLock { stopping in
        stopping = Event()
        return stopping!
      }
      try event.wait()
    }
  }

  func stop() { stopping.withLock { $0 }?.set() }
}
