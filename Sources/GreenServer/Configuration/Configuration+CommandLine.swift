internal import ArgumentParser
import CProcess
import Glibc

/// Why a command line leads to no configuration: a text for the person, where it goes, and the exit status.
struct CommandLineStop: Error, Equatable {
  var text: String
  var status: Int32

  /// `--help` and `--version` are answers, the rest are complaints.
  var isAnswer: Bool { status == 0 }
}

extension Configuration {
  /// Reads a command line, without the program's name.
  ///
  /// As gunicorn has it, a line that cannot be read ends with status 2, and a value with which no server can run
  /// with 1.
  static func parse(
    _ arguments: [String], environment: (String) -> String?
  ) throws(CommandLineStop) -> Configuration {
    let options: CommandLineOptions
    do {
      options = try CommandLineOptions.parse(arguments)
    } catch {
      if CommandLineOptions.exitCode(for: error) == .success {
        throw CommandLineStop(text: CommandLineOptions.fullMessage(for: error), status: 0)
      }
      let name = String(cString: green_image_name())
      throw CommandLineStop(
        text: "\(name): error: \(oneLine(CommandLineOptions.message(for: error)))", status: 2)
    }
    do {
      let configuration = try Configuration(options, environment: environment)
      try configuration.validate()
      return configuration
    } catch {
      throw CommandLineStop(text: "Error: \(error)", status: 1)
    }
  }

  /// Reads this program's command line and environment. Ends the process for `--help` and `--version` and, with one
  /// sentence on standard error, for what is wrong.
  public static func fromCommandLine() -> Configuration {
    do {
      return try parse(ownArguments) { name in getenv(name).map { String(cString: $0) } }
    } catch {
      let text = error.text.hasSuffix("\n") ? error.text : error.text + "\n"
      writeAll(text, to: error.isAnswer ? STDOUT_FILENO : STDERR_FILENO)
      exit(error.status)
    }
  }

  /// As they were before `main`, without the program's name: Swift reads its own from /proc, which not every container has.
  private static var ownArguments: [String] {
    guard var next = green_image_arguments(), next.pointee != nil else { return [] }
    var arguments: [String] = []
    next += 1
    while let argument = next.pointee {
      arguments.append(String(cString: argument))
      next += 1
    }
    return arguments
  }

  private init(_ options: CommandLineOptions, environment: (String) -> String?) throws(ConfigurationError) {
    if let workers = options.workers {
      self.workers = workers
    } else if let text = environment("WEB_CONCURRENCY"), !text.isEmpty {
      guard let workers = Int(text) else { throw .invalidVariable(name: "WEB_CONCURRENCY", value: text) }
      self.workers = workers
    }

    guard let workerClass = WorkerClass(name: options.workerClass) else {
      throw .unknownWorkerClass(options.workerClass)
    }
    self.workerClass = workerClass == .sync && options.threads > 1 ? .thread : workerClass
    workerConnections = options.workerConnections
    threads = options.threads

    if !options.bind.isEmpty {
      bind = []
      for text in options.bind { bind.append(try BindAddress(parsing: text)) }
    } else if let text = environment("PORT"), !text.isEmpty {
      guard let port = UInt16(text) else { throw .invalidVariable(name: "PORT", value: text) }
      bind = [.tcp(host: "0.0.0.0", port: port)]
    }
    backlog = options.backlog
    keepAlive = options.keepAlive.duration
    timeout = options.timeout.duration
    gracefulTimeout = options.gracefulTimeout.duration
    requestBodyLimit = options.limitRequestBody
    minimumRate = options.minRate
    guard let umask = FileMode.parse(options.umask) else { throw .invalidMode(option: "--umask", value: options.umask) }
    self.umask = umask
    accessLog = options.accessLogfile.map(AccessLogDestination.init(argument:))
    guard let level = LogLine.level(named: options.logLevel) else { throw .unknownLogLevel(options.logLevel) }
    logLevel = level
  }
}

/// The text as one line that begins small, as it follows a colon.
private func oneLine(_ text: String) -> String {
  let line = text.split(whereSeparator: \.isNewline).map { $0.trimmingSpaces() }.joined(separator: " ")
  guard let first = line.first else { return line }
  return first.lowercased() + line.dropFirst()
}

extension Substring {
  fileprivate func trimmingSpaces() -> Substring {
    let start = self.drop(while: { $0 == " " || $0 == "\t" })
    guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return start[...end]
  }
}
