public import GreenServer
public import GreenWeb

extension App {
  /// Serves the application as the command line says, until the process is asked to stop: `-w 2 -k green`, `--help`
  /// tells the rest. Never returns.
  ///
  /// The process becomes a master that starts the program once more for each worker. There `main.swift` runs again up
  /// to this call, which then serves: what opens files, connections or threads belongs into ``onWorkerStart(_:)``.
  public func run() -> Never { run(Configuration.fromCommandLine()) }

  /// Serves the application as `configuration` says, whatever is on the command line.
  public func run(_ configuration: Configuration) -> Never {
    Server.run(
      self, configuration: configuration, onWorkerStart: workerStartHooks,
      onWorkerStop: [{ self.finishBackgroundWork(until: $0) }, { self.runWorkerStopHooks(until: $0) }])
  }
}
