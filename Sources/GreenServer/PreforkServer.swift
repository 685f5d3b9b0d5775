import CProcess
import Glibc
public import Green
public import GreenHTTP
import Logging
import SystemPackage

/// The server: a master process that listens and watches, and worker processes that serve.
public enum PreforkServer {
  /// The version of greenfinch; Scripts/build-library reads it here.
  public static let version = "0.1.0"

  /// Serves an application until the process is asked to stop. Never returns, and never serves in this process: it
  /// becomes the master, which starts the same program again for each worker; there the same call serves.
  ///
  /// It must not be called in a task: there it ends the process with a sentence that says so.
  ///
  /// - Parameters:
  ///   - application: what answers the requests.
  ///   - configuration: the settings, which are checked first: one that is wrong ends the process with a sentence.
  ///   - hooks: called in the master.
  ///   - onWorkerStart: called in each worker before it serves, in order; in a fiber where the worker is green. An error ends
  ///     the worker, with its text in the log.
  ///   - onWorkerStop: called in each worker that ends as it was asked to, when its requests have ended. It should return by
  ///     the deadline that it is given.
  @available(*, noasync, message: "let main be synchronous")
  public static func run(
    _ application: any Application, configuration: Configuration, hooks: MasterHooks = MasterHooks(),
    onWorkerStart: [@Sendable () throws -> Void] = [], onWorkerStop: [@Sendable (Deadline) -> Void] = []
  ) -> Never {
    // The title is written over the arguments: let Swift read them before.
    let arguments = CommandLine.arguments
    if withUnsafeCurrentTask(body: { $0 != nil }) {
      writeAll(
        "Error: run() was called in a task, whose thread it would keep: let main be synchronous and call it there, as in "
          + "static func main() { app.run() }.\n", to: STDERR_FILENO)
      exit(1)
    }
    do {
      try configuration.validate()
    } catch {
      writeAll("Error: \(error)\n", to: STDERR_FILENO)
      exit(1)
    }
    configuration.bootstrapLogging()
    let logger = configuration.makeLogger()
    // A client that goes away is an error of one write, not the end of the process.
    cprocess_withstand(SIGPIPE)
    // And so is a log at the limit of a file's size.
    cprocess_withstand(SIGXFSZ)
    // What a handler prints is seen when the line ends, also through a pipe, and does not mix with other workers'.
    cprocess_log_print_by_line()
    if let inheritance = Inheritance.own {
      if !arguments.isEmpty { ProcessTitle.worker.set() }
      exit(
        Worker.run(
          inheritance, configuration: configuration, application: application, logger: logger, onStart: onWorkerStart,
          onStop: onWorkerStop))
    }
    if !arguments.isEmpty { (Predecessor.isThere ? ProcessTitle.successor : .master).set() }
    exit(becomeMaster(configuration, hooks, logger))
  }

  private static func becomeMaster(_ configuration: Configuration, _ hooks: MasterHooks, _ logger: Logger) -> CInt {
    logger.info("Starting greenfinch \(version)")
    for notice in configuration.notices { logger.warning("\(notice)") }
    let threads = cprocess_process_thread_count()
    if threads > 1 {
      logger.warning(
        """
        The program has \(threads) threads before run(). It runs once more in every worker: what starts threads or opens \
        connections belongs in app.onWorkerStart.
        """)
    }
    do throws(AccessLogFault) {
      try configuration.accessLog?.check()
    } catch {
      writeAll("Error: \(error).\n", to: STDERR_FILENO)
      return 1
    }
    do {
      for hook in hooks.start { try hook() }
    } catch {
      logger.critical("Cannot start: \(error)")
      return 1
    }
    let predecessor = Predecessor.takeOver()
    guard let listeners = predecessor?.listeners ?? listen(configuration, logger) else { return 1 }
    do {
      let arbiter = try Arbiter(
        configuration: configuration, listeners: listeners, logger: logger, hooks: hooks, predecessor: predecessor)
      logger.info(
        "Listening at: \(listeners.map { $0.url(scheme: configuration.speaksTLS ? "https" : "http") }.joined(separator: ",")) (\(getpid()))"
      )
      logger.info("Using worker: \(configuration.effectiveWorkerClass.rawValue)")
      if configuration.httpProtocols.contains(.http2) && !configuration.speaksHTTP2 {
        logger.warning("HTTP/2 is spoken by workers of class green only: these speak HTTP/1")
      }
      return arbiter.run()
    } catch {
      logger.critical("Cannot start: \(error)")
      if predecessor == nil { for listener in listeners { listener.removeFile() } }
      return 1
    }
  }

  private static func listen(_ configuration: Configuration, _ logger: Logger) -> [BoundListener]? {
    let options = ListenerOptions(
      backlog: configuration.backlog, umask: configuration.umask, sharesPort: configuration.reusePort)
    return Listening(options: options, activated: .own, logger: logger).open(configuration.bind)
  }
}
