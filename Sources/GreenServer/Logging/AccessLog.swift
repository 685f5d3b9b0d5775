import CProcess
import Glibc
import Green
import Logging
import Synchronization
import SystemPackage

/// The file that the access log is written to, each line with one `write(2)`.
final class AccessLog: Sendable {
  private let destination: AccessLogDestination
  private let descriptor: CInt
  private let file: LogFile
  private let logger: Logger
  /// When losses are reported again, in nanoseconds of `CLOCK_MONOTONIC`.
  private let nextReport = Atomic<Int64>(0)

  /// Opens the destination for appending. Lines that cannot be written are reported to `logger`.
  init(_ destination: AccessLogDestination, logger: Logger) throws(AccessLogFault) {
    self.destination = destination
    descriptor = try destination.opened()
    file = LogFile(descriptor)
    self.logger = logger
  }

  func write(_ line: AccessLogLine) {
    let isWritten = file.write(line.format(time: .now))
    // The common case costs a load.
    if !isWritten || nextReport.load(ordering: .relaxed) > 0 { noteLosses(hasEnded: isWritten) }
  }

  /// Opens the file again, which has been moved away: the lines that follow go to a new one. Any thread may write
  /// meanwhile.
  func reopen() {
    guard case .file(let path) = destination else { return }
    do throws(Errno) {
      let fresh = try destination.open()
      defer { close(fresh) }
      _ = try systemCall { cprocess_log_replace(descriptor, fresh) }
    } catch {
      logger.error("The access log '\(LogText.escaped(path))' cannot be opened again: \(error)")
    }
  }

  /// How often losses that go on are reported.
  private static let interval: Int64 = 10_000_000_000

  /// The first loss is reported at once, those that follow every 10 s, the last when the log can be written again.
  private func noteLosses(hasEnded: Bool) {
    let now = monotonicNanoseconds()
    let due = nextReport.load(ordering: .relaxed)
    guard hasEnded || now >= due else { return }
    let next = hasEnded ? 0 : now + Self.interval
    guard nextReport.compareExchange(expected: due, desired: next, ordering: .relaxed).exchanged else { return }
    report(hasEnded ? ", and it can be written again" : "")
  }

  /// Tells what was lost and has not been told: at the worker's end.
  func reportLosses() { report("") }

  private func report(_ more: String) {
    let lost = file.takeLost()
    guard lost > 0 || !more.isEmpty else { return }
    logger.error("The access log cannot be written: \(lost) \(lost == 1 ? "line" : "lines") lost\(more)")
  }
}

extension AccessLogDestination {
  /// The descriptor to write to; throws `Errno`. Never waits: a FIFO that nobody reads is an error.
  func open() throws(Errno) -> CInt {
    switch self {
    case .standardOutput: STDOUT_FILENO
    case .file(let path):
      try systemCall { Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o644) }
    }
  }

  /// As ``open()``, with a sentence for the person where it fails.
  func opened() throws(AccessLogFault) -> CInt {
    do throws(Errno) { return try open() } catch { throw AccessLogFault(destination: self, reason: error) }
  }

  /// Opens the destination and closes it, for a master that is about to start workers: a file that is missing is made, and
  /// given to the user whom they become.
  func check(owner: FileOwner?) throws(AccessLogFault) {
    guard case .file = self else { return }
    let descriptor = try opened()
    defer { close(descriptor) }
    do throws(Errno) {
      try owner?.take(descriptor)
    } catch {
      throw AccessLogFault(destination: self, reason: error)
    }
  }
}

extension Configuration {
  /// Makes the log files that are missing, for workers that may be another user. Throws ``AccessLogFault``.
  func openLogsForWorkers() throws(AccessLogFault) {
    let owner = try? owner()
    try self.accessLog?.check(owner: owner?.isOwn == false ? owner?.file : nil)
  }
}

/// Why there is no access log. Its description is for the person.
struct AccessLogFault: Error, CustomStringConvertible {
  let destination: AccessLogDestination
  let reason: Errno

  var description: String {
    guard case .file(let path) = destination else { return "--access-logfile: \(reason)" }
    return "--access-logfile '\(LogText.escaped(path))' cannot be opened: \(reason)"
  }
}
