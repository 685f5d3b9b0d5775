internal import ArgumentParser
import CProcess

/// The options as they are typed; ``Configuration`` gives them meaning.
struct CommandLineOptions: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: String(cString: green_image_name()),
      abstract: "Serves this application over HTTP.",
      version: "greenfinch \(Server.version)")
  }

  // A value may begin with a dash, so that `-w -1` is told from a missing value.

  @Option(
    name: [.customShort("w", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("Worker processes. (default: $WEB_CONCURRENCY or 1)", valueName: "count"))
  var workers: Int?

  @Option(
    name: [.customShort("k", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp(
      """
      sync: one connection at a time; green (or gevent, eventlet): a fiber for each connection; thread (or gthread): a \
      pool of threads. With --threads above 1, sync becomes thread.
      """, valueName: "class"))
  var workerClass = "sync"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Connections a green or thread worker has open at most.", valueName: "count"))
  var workerConnections = 1000

  @Option(parsing: .unconditional, help: ArgumentHelp("Threads of a thread worker.", valueName: "count"))
  var threads = 1

  @Option(
    name: [.customShort("b", allowingJoined: true), .long], parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      """
      HOST:PORT, HOST, [IPV6]:PORT or unix:PATH; may be given several times. (default: 0.0.0.0:$PORT or 127.0.0.1:8000)
      """, valueName: "address"))
  var bind: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Connections that wait in the kernel for each address.", valueName: "count"))
  var backlog = 2048

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long an idle connection is kept for the next request.", valueName: "seconds"))
  var keepAlive = Seconds(2)

  @Option(
    name: [.customShort("t", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("How long a silent worker lives; 0: for ever.", valueName: "seconds"))
  var timeout = Seconds(30)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long requests in progress may take when the server stops.", valueName: "seconds"))
  var gracefulTimeout = Seconds(30)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Bytes that the body of a request may have; 0: any number.", valueName: "bytes"))
  var limitRequestBody = 1_048_576

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Bytes a second, over 10 s, below which a client is waited for no longer than 30 s; 0: any.",
      valueName: "bytes"))
  var minRate = 500

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What the file of a Unix socket does not allow, as in umask(1): 0007.", valueName: "mode"))
  var umask = "0"

  @Option(help: ArgumentHelp("Where to note each request; - for standard output.", valueName: "file"))
  var accessLogfile: String?

  @Option(help: ArgumentHelp("debug, info, warning, error or critical.", valueName: "level"))
  var logLevel = "info"
}

/// A number of seconds, with or without a fraction.
struct Seconds: ExpressibleByArgument, CustomStringConvertible {
  var duration: Duration

  init(_ seconds: Int) { duration = .seconds(seconds) }

  init?(argument: String) {
    // A billion seconds are 31 years; what is longer would only overflow.
    guard let value = Double(argument), value.isFinite, abs(value) <= 1e9 else { return nil }
    duration = .seconds(value)
  }

  var description: String {
    duration.components.attoseconds == 0 ? "\(duration.components.seconds)" : "\(duration.seconds)"
  }
}
