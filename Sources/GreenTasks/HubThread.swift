internal import Green

/// A hub on a thread of its own, for applications that have executors and threads of their own.
///
/// ```swift
/// let database = try HubThread()
/// let rows = try await database.run { try connection.query("select pg_sleep(0.5)") }   // a hundred at once, one thread
/// ```
///
/// With `GreenRedirect` linked, libc's blocking calls in the closures park their fiber, and nothing else: the caller's
/// executor is free meanwhile.
public final class HubThread: Sendable {
  /// What runs tasks on the thread.
  public let executor: HubExecutor
  private let host: HostedHub
  private let course = Guarded(Course())

  private struct Course {
    var running = 0
    var isStopped = false
    var isOver: Bool { isStopped && running == 0 }
  }

  /// Starts the thread.
  ///
  /// - Throws: `Errno` when there is no thread, loop or stack to be had.
  public convenience init() throws { try self.init(isHome: false) }

  private init(isHome: Bool) throws {
    (executor, host) = try HostedHub.start { hub in
      if isHome { ProcessExecutor.shared.settle(hub) }
      return hub.executor
    }
  }

  /// Runs blocking code in a fiber of the thread and awaits its end. See ``HubExecutor/run(_:)``.
  ///
  /// - Throws: what `body` throws; ``/Green/HubError/ended`` after ``stop()``, without having called it.
  public func run<Value>(_ body: sending @escaping () throws -> sending Value) async throws -> sending Value {
    let isStopped = course.withLock { course in
      if !course.isStopped { course.running += 1 }
      return course.isStopped
    }
    if isStopped { throw HubError.ended }
    defer { change { $0.running -= 1 } }
    return try await executor.run(body)
  }

  /// Lets the thread end once its fibers have ended, and so has what ``run(_:)`` was given until now.
  public func stop() { change { $0.isStopped = true } }

  private func change(_ body: (inout Course) -> Void) {
    let isOver = course.withLock { course in
      body(&course)
      return course.isOver
    }
    if isOver { host.end() }
  }

  deinit { stop() }

  /// The thread that tasks run on in a process whose other threads run no hub. Started when it is first asked for, anew in
  /// a forked child.
  ///
  /// - Throws: as ``init()``; the next who asks tries again.
  static func forTasks() throws -> HubThread {
    try shared.withLock { shared in
      if let shared, shared.process == ForkHandler.generation { return shared.thread }
      let thread = try HubThread(isHome: true)
      shared = (thread, ForkHandler.generation)
      return thread
    }
  }

  /// Held while the thread starts: whoever comes meanwhile waits for it.
  private static let shared = Mutex<(thread: HubThread, process: Int)?>(nil)
}
