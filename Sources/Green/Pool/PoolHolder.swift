internal import Glibc

/// Who holds a connection: a task, else a fiber, else a thread.
struct PoolHolder: Sendable {
  private let task: Int?
  private let fiber: UInt64
  private let thread: pthread_t

  /// The calling code.
  init() {
    task = withUnsafeCurrentTask { $0?.hashValue }
    fiber = Hub.runningID
    thread = pthread_self()
  }

  /// Whether the code that asks now is the one that holds. Fibers and tasks which that one has begun are others: it may go on,
  /// and give its connection back, without waiting for them.
  func isSame(as asker: PoolHolder) -> Bool {
    // A task goes from fiber to fiber, and one fiber runs many.
    if let task { return task == asker.task }
    if fiber != 0 { return fiber == asker.fiber }
    return asker.fiber == 0 && pthread_equal(thread, asker.thread) != 0
  }
}
