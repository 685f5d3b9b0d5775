import Glibc
import Green
import Logging

/// Where the messages of every `Logger` of the process go: standard error until the settings have been read, then what they
/// name. One for the process, since swift-log makes its handlers wherever a logger is made.
///
/// A log that nobody reads, or that is full, costs lines and holds nobody; what was lost is told when it is written again.
enum ErrorLog {
  /// What whoever counts is told of.
  enum Event {
    /// A line was written, of that level.
    case line(Logger.Level)
    /// So many lines of any log were lost.
    case lost(Int)
  }

  private struct Places {
    var log: OpenLog?
    var syslog: Syslog?
    var isJSON = false
    var name = "Standard error"
    /// Whether what the process prints goes to ``log``.
    var capturesOutput = false
    var observer: (@Sendable (Event) -> Void)?
  }

  private static let places = Guarded(Places())
  static let option = "--error-logfile"

  /// Opens what the settings name.
  static func open(_ configuration: Configuration) throws(LogFault) {
    var fresh = Places()
    if case .file = configuration.errorLog.target {
      fresh.log = try OpenLog(configuration.errorLog.target, option: option, owner: configuration.ownerOfLogs)
      fresh.name = "The error log"
      fresh.capturesOutput = configuration.captureOutput
    }
    fresh.syslog = try Syslog(configuration, kind: "error")
    fresh.isJSON = configuration.logFormat == .json
    let opened = fresh
    places.withLock { places in
      let observer = places.observer
      places = opened
      places.observer = observer
    }
    if opened.capturesOutput { opened.log?.takeOutput() }
  }

  /// Whether standard output and standard error are the log's.
  static var capturesOutput: Bool { places.withLock { $0.capturesOutput } }

  /// Has `body` called for every line and loss from now on. It must not log.
  static func observe(_ body: @escaping @Sendable (Event) -> Void) { places.withLock { $0.observer = body } }

  /// Tells the observer of lines that were lost.
  static func noteLost(_ count: Int) { places.withLock { $0.observer }?(.lost(count)) }

  /// Opens the file again, which has been moved away.
  static func reopen() {
    let present = places.withLock { $0 }
    if let fault = present.log?.reopen() { write("The error log \(fault)", .error, []) }
    if present.capturesOutput { present.log?.takeOutput() }
  }

  static func write(_ message: String, _ level: Logger.Level, _ metadata: [(String, String)]) {
    let present = places.withLock { $0 }
    put(message, level, metadata, in: present)
    // It takes lines again: how many it did not take.
    let isWorking = present.log?.isWorking ?? standardError.isWorking
    if isWorking, case let lost = present.log?.takeLost() ?? standardError.takeLost(), lost > 0 {
      noteLost(lost)
      put("\(present.name) could not be written: \(lost) \(lost == 1 ? "line" : "lines") lost", .error, [], in: present)
    }
  }

  private static let standardError = LogFile.standardError

  private static func put(
    _ message: String, _ level: Logger.Level, _ metadata: [(String, String)], in places: Places
  ) {
    places.observer?(.line(level))
    let line =
      places.isJSON
      ? LogLine.json(message, level: level, pid: getpid(), time: .now, metadata: metadata)
      : LogLine.format(message, level: level, pid: getpid(), time: .now, metadata: metadata)
    if let log = places.log { _ = log.write(line) } else { standardError.write(line) }
    places.syslog?.write(
      places.isJSON ? line : LogLine.text(message, metadata: metadata), SyslogSeverity(level))
  }
}

extension ErrorLogDestination {
  var target: LogTarget {
    switch self {
    case .standardError: .inherited(STDERR_FILENO)
    case .file(let path): .file(path)
    }
  }
}
