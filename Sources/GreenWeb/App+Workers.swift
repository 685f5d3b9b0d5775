internal import Green

extension App {
  /// How many workers the server starts with that serves this program, in the master and in its workers; `nil` where
  /// none serves. For whoever shares something out among them: connections to a database.
  public static var workerCount: Int? { count.withLock { $0 } }

  /// To be called by who starts the server, before any hook.
  package static func setWorkerCount(_ workers: Int) { count.withLock { $0 = workers } }

  private static let count = Guarded<Int?>(nil)
}
