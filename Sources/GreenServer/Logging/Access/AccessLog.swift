import Green
import Logging

/// Where requests are logged: a file or standard output, syslog, or both; each line with one system call.
final class AccessLog: Sendable {
  private enum Form {
    case text(AccessLogFormat)
    case json
  }

  private let form: Form
  private let log: OpenLog?
  private let syslog: Syslog?
  private let logger: Logger
  private let losses: LossReport
  private let syslogLosses: LossReport
  private let clock = AccessClock()

  /// Opens what the settings name; `nil` where requests are not logged. Lines that cannot be written are reported to
  /// `logger`.
  init?(_ configuration: Configuration, logger: Logger) throws(LogFault) {
    let log: OpenLog?
    if let target = configuration.accessLog?.target {
      log = try OpenLog(target, option: Self.option, owner: configuration.ownerOfLogs)
    } else {
      log = nil
    }
    let syslog = try configuration.disableRedirectAccessToSyslog ? nil : Syslog(configuration, kind: "access")
    if log == nil && syslog == nil { return nil }
    switch configuration.logFormat {
    case .json: form = .json
    case .text:
      do throws(SettingFault) {
        form = .text(try AccessLogFormat(configuration.accessLogFormat))
      } catch {
        throw LogFault("--access-logformat", configuration.accessLogFormat, error.reason)
      }
    }
    self.log = log
    self.syslog = syslog
    self.logger = logger
    losses = LossReport("The access log", logger) { log?.takeLost() ?? 0 }
    syslogLosses = LossReport("The access log in syslog", logger) { syslog?.takeLost() ?? 0 }
  }

  static let option = "--access-logfile"

  func write(_ record: AccessRecord) {
    let line =
      switch form {
      case .text(let format): format.line(record, at: clock.now)
      case .json: record.json(at: .now)
      }
    if let log { losses.note(isWritten: log.write(line)) }
    if let syslog { syslogLosses.note(isWritten: syslog.write(line, .info)) }
  }

  /// Opens the file again, which has been moved away.
  func reopen() {
    if let fault = log?.reopen() { logger.error("The access log \(fault)") }
  }

  /// Tells what was lost and has not been told: at the worker's end.
  func reportLosses() {
    losses.reportRest()
    syslogLosses.reportRest()
  }
}

extension AccessLogDestination {
  var target: LogTarget {
    switch self {
    case .standardOutput: .inherited(1)
    case .file(let path): .file(path)
    }
  }
}
