public import Green
public import Logging

/// How a server is to run: what the command line says, as typed values.
///
/// Every setting has gunicorn's name, meaning and default.
///
/// ```swift
/// var configuration = Configuration()
/// configuration.workerClass = .green
/// configuration.workers = 4
/// app.run(configuration)
/// ```
public struct Configuration: Sendable, Equatable {
  /// How many worker processes serve; at least 1.
  public var workers = 1
  /// How a worker serves its connections.
  public var workerClass = WorkerClass.sync
  /// How many connections a worker of class ``WorkerClass/green`` or ``WorkerClass/thread`` has open at most. More
  /// connections wait in the kernel's backlog.
  public var workerConnections = 1000
  /// How many threads a worker of class ``WorkerClass/thread`` serves with.
  public var threads = 1
  /// Where the server listens; at least one address.
  public var bind = [BindAddress.tcp(host: "127.0.0.1", port: 8000)]
  /// How many connections the kernel holds for each address until a worker accepts them.
  public var backlog = 2048
  /// What the fibers in which a worker of class ``WorkerClass/green`` calls handlers have to themselves: with `.thread` they
  /// are whole threads to C and C++ libraries. At first what `GREEN_HANDLER_ISOLATION` in the environment says.
  public var handlerIsolation = Settings.handlerIsolation.value
  /// How long a connection may stay idle between two requests; zero closes it after each response.
  public var keepAlive = Duration.seconds(2)
  /// How long a worker may show no sign of life before it is killed and replaced; zero is for ever. The same time is
  /// given to a worker to start.
  public var timeout = Duration.seconds(30)
  /// How long requests in progress may take once the server has been asked to stop.
  public var gracefulTimeout = Duration.seconds(30)
  /// How many bytes the body of a request may have; zero is any number. 1 MiB, where gunicorn has no limit.
  public var requestBodyLimit = 1_048_576
  /// How many bytes a second a client must send of a body or take of an answer, over 10 s, to be waited for longer than
  /// 30 s; zero is any number. gunicorn has no such limit.
  public var minimumRate = 500
  /// What the file of a Unix socket does not allow, as in umask(2). 0 as gunicorn has it: whoever may enter its directory
  /// may connect.
  public var umask: UInt32 = 0
  /// Where each request is noted; `nil` for nowhere.
  public var accessLog: AccessLogDestination?
  /// The lowest level that is logged.
  public var logLevel = Logger.Level.info
  /// Whether `run()` makes `swift-log` write the server's format. It refrains by itself where the program has chosen
  /// a handler of its own. swift-log allows one choice a process and traps at a second: set this to `false` in a
  /// program that itself chooses `StreamLogHandler`, which cannot be told from no choice.
  public var bootstrapsLogging = true

  /// gunicorn's defaults.
  public init() {}

  /// Throws a ``ConfigurationError`` for the first value with which no server can run.
  public func validate() throws(ConfigurationError) {
    try Self.check("--workers", workers, atLeast: 1)
    try Self.check("--worker-connections", workerConnections, atLeast: 1)
    try Self.check("--threads", threads, atLeast: 1)
    try Self.check("--backlog", backlog, atLeast: 1)
    if workers > Self.mostWorkers { throw .tooLarge(option: "--workers", value: "\(workers)", most: Self.mostWorkers) }
    if threads > Self.mostThreads { throw .tooLarge(option: "--threads", value: "\(threads)", most: Self.mostThreads) }
    for (option, duration) in [
      ("--keep-alive", keepAlive), ("--timeout", timeout), ("--graceful-timeout", gracefulTimeout),
    ] where duration < .zero {
      throw .tooSmall(option: option, value: "\(duration.seconds)", least: 0)
    }
    try Self.check("--limit-request-body", requestBodyLimit, atLeast: 0)
    try Self.check("--min-rate", minimumRate, atLeast: 0)
    if umask > 0o777 { throw .invalidMode(option: "--umask", value: "0" + String(umask, radix: 8)) }
    if bind.isEmpty { throw .noAddress }
    if bind.count > Self.mostAddresses {
      throw .tooLarge(option: "--bind", value: "\(bind.count) addresses", most: Self.mostAddresses)
    }
  }

  /// What fits on the scoreboard and into the variable that tells a worker what it inherits.
  static let mostWorkers = 4096
  /// What a process can have at the kernel's usual limits.
  static let mostThreads = 32_768
  static let mostAddresses = 64

  private static func check(_ option: String, _ value: Int, atLeast least: Int) throws(ConfigurationError) {
    if value < least { throw .tooSmall(option: option, value: "\(value)", least: least) }
  }
}

/// Where the access log goes.
public enum AccessLogDestination: Sendable, Equatable {
  /// Standard output, `-` on the command line.
  case standardOutput
  /// A file, to whose end lines are added.
  case file(String)

  init(argument: String) { self = argument == "-" ? .standardOutput : .file(argument) }
}

extension Duration {
  /// The duration as a number of seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
