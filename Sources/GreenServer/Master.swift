import CProcess
import Glibc
import Green
import Logging

/// The master process: what `run()` becomes where it is started by a person, or by the master before it.
enum Master {
  /// Opens what the server needs, and watches over its workers until it has stopped. Returns the exit status.
  static func run(_ configuration: Configuration, _ hooks: MasterHooks, _ logger: Logger) -> CInt {
    let pidFile: PidFile?
    let requests: Signals
    do {
      requests = try Arbiter.awaitRequests()
      try ErrorLog.open(configuration)
      try configuration.openLogsForWorkers()
      logger.info("Starting greenfinch \(PreforkServer.version)")
      tellNotices(configuration, logger)
      configuration.setEnvironment()
      pidFile = try configuration.makePidFile()
    } catch {
      let text = "\(error)"
      writeAll("Error: \(text)\(text.hasSuffix(".") ? "" : ".")\n", to: STDERR_FILENO)
      return 1
    }
    let program: WorkerProgram?
    do {
      for hook in hooks.workersWanted { try hook(configuration.workers, nil) }
      program = try load(configuration)
      for hook in hooks.start { try hook() }
    } catch {
      logger.critical("Cannot start: \(error)")
      pidFile?.remove()
      return error is ForkServerGone ? 3 : 1
    }
    return serve(configuration, hooks, logger, pidFile, program, requests)
  }

  /// Has the application loaded, where one process does it for all workers: before any hook is called, as gunicorn does. `nil`
  /// where each worker loads it.
  private static func load(_ configuration: Configuration) throws -> WorkerProgram? {
    guard configuration.workerImage?.forkServer != nil else { return nil }
    let program = try WorkerProgram.running(configuration)
    try program.forkServer?.awaitReady()
    return program
  }

  private static func serve(
    _ configuration: Configuration, _ hooks: MasterHooks, _ logger: Logger, _ pidFile: PidFile?,
    _ program: WorkerProgram?, _ requests: Signals
  ) -> CInt {
    let predecessor = Predecessor.takeOver()
    let listening = Listening(options: configuration.listenerOptions, activated: .own, logger: logger)
    guard let listeners = predecessor?.listeners ?? listening.open(configuration.bind) else {
      pidFile?.remove()
      return 1
    }
    do {
      let arbiter = try Arbiter(
        configuration: configuration, listeners: listeners, logger: logger, hooks: hooks, program: program,
        predecessor: predecessor, requests: requests)
      arbiter.pidFile = pidFile
      tellListening(listeners, configuration, logger)
      for place in arbiter.monitor?.places ?? [] { logger.info("Watching at: \(place)") }
      defer { arbiter.pidFile?.remove() }
      return arbiter.run()
    } catch {
      logger.critical("Cannot start: \(error)")
      pidFile?.remove()
      if predecessor == nil { for listener in listeners { listener.removeFile() } }
      return 1
    }
  }

  private static func tellNotices(_ configuration: Configuration, _ logger: Logger) {
    for notice in configuration.notices { logger.warning("\(notice)") }
    let threads = cprocess_process_thread_count()
    if threads > 1 {
      logger.warning(
        """
        The program has \(threads) threads before run(). It runs once more in every worker: what starts threads or opens \
        connections belongs in app.onWorkerStart.
        """)
    }
    if let warning = DescriptorLimit.raise(for: configuration).warning { logger.warning("\(warning)") }
  }

  private static func tellListening(_ listeners: [BoundListener], _ configuration: Configuration, _ logger: Logger) {
    let scheme = configuration.speaksTLS ? "https" : "http"
    logger.info("Listening at: \(listeners.map { $0.url(scheme: scheme) }.joined(separator: ",")) (\(getpid()))")
    logger.info("Using worker: \(configuration.effectiveWorkerClass.rawValue)")
    if configuration.httpProtocols.contains(.http2) && !configuration.speaksHTTP2 {
      logger.warning("HTTP/2 is spoken by workers of class green only: these speak HTTP/1")
    }
  }
}

extension Configuration {
  /// How the server's own sockets are made.
  fileprivate var listenerOptions: ListenerOptions {
    let owner = try? owner()
    return ListenerOptions(
      backlog: self.backlog, umask: self.umask, owner: owner?.isOwn == false ? owner?.file : nil,
      sharesPort: self.reusePort)
  }

  /// Beside the master whose place this one is to take, the file has gunicorn's other name.
  fileprivate func makePidFile() throws(PidFileError) -> PidFile? {
    guard let path = self.pidFile else { return nil }
    return try PidFile(creating: Predecessor.isThere ? path + ".2" : path)
  }
}
