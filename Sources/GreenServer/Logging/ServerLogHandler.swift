public import Logging

/// Writes swift-log's messages as gunicorn writes its own, to standard error or where ``LoggingSettings/errorLog`` says, each
/// line with one `write(2)`: lines of several processes do not mix.
///
/// When nobody reads the log, lines are lost; that is counted and reported, and the process never waits for a reader.
///
/// `run()` makes it the handler of every `Logger` in the process. Metadata follow the message as `key=value`, sorted.
public struct ServerLogHandler: LogHandler {
  public var logLevel: Logger.Level
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?

  /// A handler that passes messages of `level` and above.
  public init(level: Logger.Level, metadataProvider: Logger.MetadataProvider? = nil) {
    logLevel = level
    self.metadataProvider = metadataProvider
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let given = event.metadata { all.merge(given) { $1 } }
    if let error = event.error { all["error"] = "\(error)" }
    let pairs = all.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
    ErrorLog.write(event.message.description, event.level, pairs)
  }
}

extension Configuration {
  /// Makes the log files that are missing, for workers that may be another user.
  func openLogsForWorkers() throws(LogFault) {
    let owner = ownerOfLogs
    try self.errorLog.target.check(ErrorLog.option, owner: owner)
    try self.accessLog?.target.check(AccessLog.option, owner: owner)
    _ = try Syslog(self, kind: "error")
  }

  /// Whom workers become, for whom this process opens the logs; `nil` where that is whom it is.
  var ownerOfLogs: FileOwner? {
    guard let owner = try? owner(), !owner.isOwn else { return nil }
    return owner.file
  }

  /// The server's own logger.
  func makeLogger() -> Logger {
    let level = self.logLevel
    return Logger(label: "greenfinch") { _ in ServerLogHandler(level: level, metadataProvider: .request) }
  }

  /// Makes every `Logger` of the process write the server's format, unless the program has chosen another handler.
  func bootstrapLogging() {
    guard bootstrapsLogging, Logger(label: "greenfinch").handler is StreamLogHandler else { return }
    let level = self.logLevel
    LoggingSystem.bootstrap(
      { _, provider in ServerLogHandler(level: level, metadataProvider: provider) },
      metadataProvider: LoggingSystem.metadataProvider ?? .request)
  }
}
