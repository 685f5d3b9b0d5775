internal import Dispatch

/// Runs tasks on threads of its own. Those of the tasks' pool run the tests too: a task that gives its turn away there
/// goes behind all the tests that are still to begin, and keeps what it holds for minutes.
public final class QueueExecutor: TaskExecutor {
  private let queue = DispatchQueue(label: "tasks", attributes: .concurrent)

  public init() {}

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
