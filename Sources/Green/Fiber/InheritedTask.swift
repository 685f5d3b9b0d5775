internal import CFiber

/// The task-locals of the calling code, for code that runs later: in another fiber, or on another thread.
///
/// They are copied as Swift copies them for an unstructured task, by making one (`Task.init`, public since SE-0417 with an
/// executor that keeps the job): the later code is that task's, and runs where ``run(_:)`` is called. It costs an
/// allocation or two, so it is done only where there is something to inherit.
package final class InheritedTask: @unchecked Sendable {
  private let keeper = JobKeeper()

  /// The calling code's; `nil` when no task runs and nothing is bound, or when fibers cannot be kept apart.
  package static func capture() -> InheritedTask? {
    // On a thread that runs no fibers there is no telling what is bound.
    cfiber_locals_in_use() != 0 || cfiber_current() == nil ? InheritedTask() : nil
  }

  private init() { keeper.makeTask() }

  // A task that never runs is never freed.
  deinit { keeper.run {} }

  /// Runs `body` with the task-locals. May park, where `body` does; to be called once.
  package func run<Value>(_ body: () throws -> Value) throws -> Value {
    var result: Result<Value, any Error>?
    keeper.run { result = Result { try body() } }
    return try result!.get()
  }
}

/// The executor of one task of one job.
private final class JobKeeper: TaskExecutor, @unchecked Sendable {
  /// Unsafe: there is one owner, who hands it on as it does the closure that it runs with it.
  private var job: UnownedJob?
  private var body: (() -> Void)?

  func makeTask() {
    // Unsafe: whoever holds the keeper runs the job, or never does.
    unowned(unsafe) let keeper = self
    Task(executorPreference: self) { keeper.body?() }
  }

  func enqueue(_ job: consuming ExecutorJob) { self.job = UnownedJob(job) }

  func run(_ body: () -> Void) {
    guard let job else { return }
    self.job = nil
    withoutActuallyEscaping(body) { body in
      self.body = body
      job.runSynchronously(on: asUnownedTaskExecutor())
      self.body = nil
    }
  }
}
