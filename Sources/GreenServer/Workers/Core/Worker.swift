import Glibc
import Green
import GreenHTTP
import GreenTasks
import Logging

/// The worker process: what `run()` becomes where it finds a master's handshake.
enum Worker {
  /// See ``PreforkServer/endedAtOnce``. Unsafe: of the thread alone that calls
  /// ``run(_:configuration:application:logger:onStart:onStop:)``.
  nonisolated(unsafe) private(set) static var endedAtOnce = false

  /// The worker that this process is. Unsafe: as ``endedAtOnce``.
  nonisolated(unsafe) private(set) static var context: WorkerContext?

  /// Serves until the worker ends. Returns the exit status.
  static func run(
    _ inheritance: Inheritance, configuration: Configuration, application: any Application, logger: Logger,
    onStart: [@Sendable () throws -> Void], onStop: [@Sendable (Deadline) -> Void]
  ) -> CInt {
    // The master has told where it does not suffice; the settings may be others since.
    _ = DescriptorLimit.raise(for: configuration)
    let context: WorkerContext
    do {
      try ErrorLog.open(configuration)
      context = try WorkerContext(
        inheritance, configuration: configuration, application: application, logger: logger)
      // Whoever reads it may send signals: from here on they are the worker's, and its hooks are called at its end.
      logger.info("Booting worker with pid: \(getpid())")
      context.onStop = onStop
    } catch {
      try? Handshake(descriptor: inheritance.handshake).send(.failed(reason: "\(error)"))
      return 3
    }
    // For as long as the process: a crash is noted in its slot.
    _ = Unmanaged.passRetained(context)
    self.context = context
    // Before the first task: those of handlers run on the worker's hub, or in other classes on a thread with one.
    if TaskRuntime.install() == .preference {
      logger.info("Swift's tasks: only those that handlers begin run on the hub")
    }
    if configuration.effectiveWorkerClass != .green { TaskRuntime.keepToThread() }
    let end =
      switch configuration.effectiveWorkerClass {
      case .sync:
        run(context, onStart: onStart) { () throws(SystemCallError) -> any WorkerEngine in
          try SyncEngine(context)
        }
      case .thread:
        run(context, onStart: onStart) { () throws(SystemCallError) -> any WorkerEngine in
          try ThreadEngine(context)
        }
      case .green: runOnHub(context, onStart: onStart)
      }
    if case .asked(.quick) = end { endedAtOnce = true }
    return context.conclude(end)
  }

  private static func run(
    _ context: WorkerContext, onStart: [@Sendable () throws -> Void],
    _ makeEngine: () throws(SystemCallError) -> any WorkerEngine
  ) -> WorkerEnd {
    do throws(SystemCallError) {
      return WorkerCore(context, try makeEngine()).run(onStart: onStart)
    } catch {
      return .cannotStart("\(error)")
    }
  }

  private static func runOnHub(_ context: WorkerContext, onStart: [@Sendable () throws -> Void]) -> WorkerEnd {
    do {
      return try Hub.run {
        let end = WorkerCore(context, GreenEngine(context)).run(onStart: onStart)
        // Connections that were not given the time to end, and what the application has running beside them.
        Hub.current?.leaveFibers()
        return end
      }
    } catch {
      return .cannotStart("\(error)")
    }
  }
}

extension WorkerContext {
  /// Runs the application's preparations. Throws ``WorkerEnd/cannotStart(_:)`` where one fails.
  func prepare(_ onStart: [@Sendable () throws -> Void]) throws {
    do {
      for hook in onStart {
        try hook()
        endIfChild()
      }
    } catch {
      endIfChild()
      logger.error("Exception in worker process: \(error)")
      throw WorkerEnd.cannotStart("\(error)")
    }
  }
}
