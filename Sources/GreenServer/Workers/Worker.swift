import CProcess
import Glibc
import Green
import GreenHTTP
import GreenTasks
import Logging

/// The worker process: what `run()` becomes where it finds a master's handshake.
enum Worker {
  static func run(
    _ inheritance: Inheritance, configuration: Configuration, application: any Application, logger: Logger,
    onStart: [@Sendable () throws -> Void], onStop: [@Sendable (Deadline) -> Void]
  ) -> Never {
    logger.info("Booting worker with pid: \(getpid())")
    let context: WorkerContext
    do {
      context = try WorkerContext(
        inheritance, configuration: configuration, application: application, logger: logger)
      context.onStop = onStop
    } catch {
      try? Handshake(descriptor: inheritance.handshake).send(.failed(reason: "\(error)"))
      exit(3)
    }
    // Before the first task: those of handlers run on the worker's hub, or in other classes on a thread with one.
    if TaskRuntime.install() == .preference {
      logger.info("Swift's tasks: only those that handlers begin run on the hub")
    }
    switch configuration.effectiveWorkerClass {
    case .sync: SyncWorker(context).run(onStart: onStart)
    case .thread: ThreadWorker(context).run(onStart: onStart)
    case .green: GreenWorker(context).run(onStart: onStart)
    }
  }
}

extension WorkerContext {
  /// Runs the application's preparations; ends the process where one fails.
  func prepare(_ onStart: [@Sendable () throws -> Void]) {
    do {
      for hook in onStart {
        try hook()
        endIfChild()
      }
    } catch {
      endIfChild()
      logger.error("Exception in worker process: \(error)")
      fail("\(error)")
    }
  }
}
