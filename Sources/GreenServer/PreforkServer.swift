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
    let inheritance = Inheritance.own
    check(configuration, isWorker: inheritance != nil)
    // One that takes another's place is where that one is.
    if inheritance == nil, configuration.daemon, !Predecessor.isThere,
      let status = BackgroundServer.begin(configuration)
    {
      exit(status)
    }
    configuration.bootstrapLogging()
    let logger = configuration.makeLogger()
    prepareProcess()
    let title = inheritance != nil ? ProcessTitle.worker : Predecessor.isThere ? .successor : .master
    if !arguments.isEmpty { title.set(configuration.name) }
    guard let inheritance else { end(Master.run(configuration, hooks, logger)) }
    end(
      Worker.run(
        inheritance, configuration: configuration, application: BuildPage.around(application), logger: logger,
        onStart: onWorkerStart, onStop: onWorkerStop))
  }

  /// Ends the process, whose last words are sent first.
  private static func end(_ status: CInt) -> Never {
    LossySocket.finishAll()
    exit(status)
  }

  /// Ends the process with a sentence where no server can run by the settings.
  private static func check(_ configuration: Configuration, isWorker: Bool) {
    do {
      if !isWorker { try configuration.enterFolder(from: WorkingFolder.start) }
      try configuration.validate()
      if !isWorker { try configuration.checkOwner() }
    } catch {
      writeAll("Error: \(error)\n", to: STDERR_FILENO)
      exit(1)
    }
  }

  private static func prepareProcess() {
    // A client that goes away is an error of one write, not the end of the process.
    cprocess_withstand(SIGPIPE)
    // And so is a log at the limit of a file's size.
    cprocess_withstand(SIGXFSZ)
    // What a handler prints is seen when the line ends, also through a pipe, and does not mix with other workers'.
    cprocess_log_print_by_line()
  }
}

// Workers that are another program than their master: hosts of programs in other languages.
extension PreforkServer {
  /// Whether this process is a worker.
  package static var isWorker: Bool { Inheritance.own != nil }

  /// Whether this process is the one that workers are forked from, where ``WorkerImage/forkServer`` says what it is started with.
  package static var isForkServer: Bool { forkServerSocket != nil }

  /// The socket by which that process is told of workers; `nil` in all others.
  package static var forkServerSocket: Int32? {
    let descriptor = cprocess_fork_server_socket()
    return descriptor < 0 ? nil : descriptor
  }

  /// In that process: `fork(2)`, whose child is the master's and not this one's.
  ///
  /// - Returns: the child's number, or -1 with `errno`; 0 in the child, which calls
  ///   ``becomeWorker(slot:handshake:scoreboard:listeners:)``.
  package static func forkWorker() -> Int32 { cprocess_fork_sibling() }

  /// In a child that the fork server has made as it was told to: waits until the master has it begin, and is a worker from then
  /// on. Returns whether it is; otherwise the master has gone.
  package static func becomeWorker(slot: Int, handshake: Int32, scoreboard: Int32, listeners: [Int32]) -> Bool {
    let inheritance = Inheritance(slot: slot, handshake: handshake, scoreboard: scoreboard, listeners: listeners)
    guard inheritance.take() else { return false }
    // What was opened when the application was loaded may have been moved away since.
    ErrorLog.reopen()
    return true
  }

  /// Serves as the worker that this process is, until it ends. Returns the exit status; the rest as
  /// ``run(_:configuration:hooks:onWorkerStart:onWorkerStop:)``, whose workers call this where their program is a
  /// ``WorkerImage``.
  package static func work(
    _ application: any Application, configuration: Configuration, onWorkerStart: [@Sendable () throws -> Void] = [],
    onWorkerStop: [@Sendable (Deadline) -> Void] = []
  ) -> Int32 {
    guard let inheritance = Inheritance.own else { return 1 }
    check(configuration, isWorker: true)
    configuration.bootstrapLogging()
    let logger = configuration.makeLogger()
    prepareProcess()
    ProcessTitle.worker.set(configuration.name)
    return Worker.run(
      inheritance, configuration: configuration, application: application, logger: logger, onStart: onWorkerStart,
      onStop: onWorkerStop)
  }

  /// Whether this worker, which has served, was asked to end at once and not when its requests had ended.
  package static var endedAtOnce: Bool { Worker.endedAtOnce }

  /// Ends a child that the application has forked, and which has come back from there to the server's own code: the answer is
  /// its parent's.
  package static func endIfChild() { if cprocess_worker_is_child() != 0 { _exit(0) } }

  /// Has what a worker logs before it serves, while it loads its program, go where the settings say. A log that cannot be opened
  /// is told of when it is to serve.
  package static func openLog(_ configuration: Configuration) {
    configuration.bootstrapLogging()
    try? ErrorLog.open(configuration)
  }

  /// Ends this worker, which serves: it has lost something without which it serves nobody, and another takes its place. To be
  /// called on the thread of the worker's loop; nothing happens elsewhere than in a worker.
  ///
  /// - Parameters:
  ///   - service: what it has lost, for the log.
  ///   - reason: how that came.
  package static func lose(_ service: String, reason: String) { Worker.context?.lose(service, reason: reason) }

  /// Tells the master that this worker cannot start, before it has begun to serve.
  package static func fail(_ reason: String) {
    guard let inheritance = Inheritance.own else { return }
    try? Handshake(descriptor: inheritance.handshake).send(.failed(reason: reason))
  }
}
