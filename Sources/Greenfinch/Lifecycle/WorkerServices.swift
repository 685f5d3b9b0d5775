#if ServiceLifecycle
  internal import Glibc
  internal import Green
  internal import GreenTasks
  internal import GreenWeb
  internal import ServiceLifecycle

  /// The services of one worker process, from its start to its end.
  final class WorkerServices: Sendable {
    private struct Running {
      let group: ServiceGroup
      let task: Task<Void, Never>
      let executor: HubExecutor
      let logger: Logger
    }

    private let running = Guarded<Running?>(nil)
    private let ended = Event()
    /// Set when the worker's requests have ended.
    fileprivate let isIdle = Event()

    func start(_ configuration: ServiceGroupConfiguration, logger: Logger) throws {
      if configuration.services.isEmpty { return }
      let executor = try Hub.current?.executor ?? TaskRuntime.home()
      var configuration = configuration
      configuration.gracefulShutdownSignals = []
      configuration.cancellationSignals = []
      configuration.services.append(.init(service: Requests(services: self), serviceName: "the worker's requests"))
      let group = ServiceGroup(configuration: configuration)
      let task = Task(executorPreference: executor) {
        do {
          try await group.run()
          self.end(nil, logger)
        } catch {
          self.end(error, logger)
        }
      }
      running.withLock { $0 = Running(group: group, task: task, executor: executor, logger: logger) }
    }

    private func end(_ error: (any Error)?, _ logger: Logger) {
      if let error { logger.error("the worker's services failed: \(error)") }
      ended.set()
      askWorkerToStop()
    }

    /// As the master would. A worker that stops already takes no notice.
    fileprivate func askWorkerToStop() {
      if !isIdle.isSet { kill(getpid(), SIGTERM) }
    }

    /// Shuts the services down and waits for their end. Parks or blocks until then, at the longest until the deadline.
    func stop(until deadline: Deadline) {
      guard let running = running.withLock({ $0 }) else { return }
      isIdle.set()
      Task(executorPreference: running.executor) { await running.group.triggerGracefulShutdown() }
      // At the deadline itself the process is killed.
      let rest = max(.zero, deadline.remaining ?? .zero)
      let patience = deadline.advanced(by: .zero - min(.seconds(1), rest / 4))
      do {
        try ended.wait(until: patience)
      } catch {
        running.logger.error("the worker's services have not ended in time: they are cancelled")
        running.task.cancel()
        try? ended.wait(until: deadline)
      }
    }
  }

  /// What the worker serves, as its services see it: the last of the group, which ends first. A group that shuts down
  /// by itself makes the worker stop, and goes on when the requests have ended.
  private struct Requests: Service {
    let services: WorkerServices

    func run() async throws {
      try await gracefulShutdown()
      services.askWorkerToStop()
      try await Fiber.run { try services.isIdle.wait() }
    }
  }
#endif
