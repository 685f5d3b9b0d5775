internal import Glibc
internal import Green
public import GreenServer
public import GreenWeb

extension App {
  /// Serves the application as the command line says, until the process is asked to stop: `-w 2 -k green`, `--help`
  /// tells the rest. With the first word `routes` it shows the routes instead, with `check` it says whether the program and the
  /// settings that follow are right, with `ctl` it asks or orders a server that runs, and with a word that was given to
  /// `command(_:_:_:)` it does that. Never returns.
  ///
  /// The process becomes a master that starts the program once more for each worker. There `main.swift` runs again up
  /// to this call, which then serves: what opens files, connections or threads belongs in `onWorkerStart(_:)`.
  ///
  /// To be called from a `main` that is not `async`: the server's threads and loops are its own, and a task would hold the
  /// thread that it serves on. Called in a task all the same it ends the process with a sentence that says so. In an
  /// `async` program an `ApplicationService` serves, of the package trait `ServiceLifecycle`.
  @available(*, noasync, message: "let main be synchronous: static func main() { app.run() }")
  public func run() -> Never { run { _ in } }

  /// As ``run()`` with settings of the program's own, over which a file of settings, the environment and the command line
  /// win.
  ///
  /// ```swift
  /// app.run { $0.workerClass = .green }
  /// ```
  @available(*, noasync, message: "let main be synchronous: static func main() { app.run() }")
  public func run(configure: (inout Configuration) -> Void) -> Never {
    if Configuration.asksForRoutes {
      print(routeList, terminator: "")
      exit(0)
    }
    if let word = Configuration.ownArguments.first {
      if let command = command(named: word) { run(command, Array(Configuration.ownArguments.dropFirst())) }
      if word == "commands" {
        print(commandList, terminator: "")
        exit(0)
      }
    }
    var configuration = Configuration()
    configure(&configuration)
    configuration = Configuration.fromCommandLine(configuration, formats: [.json, .toml], parts: Set(parts.keys))
    if Configuration.asksForCheck { check(configuration) }
    run(configuration)
  }

  /// Serves the application as `configuration` says, whatever is on the command line.
  @available(*, noasync, message: "let main be synchronous: static func main() { app.run() }")
  public func run(_ configuration: Configuration) -> Never {
    App.setWorkerCount(configuration.workers)
    if configuration.debug { showFaults() }
    let hooks = masterHooks
    let part = Configuration.part(of: Set(parts.keys)).flatMap { parts[$0] }
    PreforkServer.run(
      part?.application ?? traced(self), configuration: configuration,
      hooks: MasterHooks(
        start: hooks.start, ready: hooks.ready, workerForked: hooks.workerForked, workerExited: hooks.workerExited,
        stop: hooks.stop),
      onWorkerStart: workerStartHooks + (part.map { [$0.start] } ?? []),
      onWorkerStop: (part.map { [stopping($0)] } ?? []) + [
        { self.finishBackgroundWork(until: $0) }, { self.runWorkerStopHooks(until: $0) },
      ])
  }

  private func stopping(_ part: AppPart) -> @Sendable (Deadline) -> Void {
    { deadline in
      do { try part.stop(deadline) } catch { self.logger.error("the end of a part of the program failed: \(error)") }
    }
  }

  /// Ends the process with status 0 where nothing is wrong with how the program is set up, else with 1. What is wrong
  /// with a route ends it before, and so does a setting.
  private func check(_ configuration: Configuration) -> Never {
    let faults = setUpFaults
    if faults.isEmpty {
      print("\(routeCount) routes and the settings are right")
      exit(0)
    }
    complain(faults.map { "Error: \($0)\n" }.joined())
    exit(1)
  }

  /// Calls a command in a fiber, and ends the process.
  private func run(_ command: AppCommand, _ arguments: [String]) -> Never {
    do {
      try Hub.run { try command.run(arguments) }
      exit(0)
    } catch {
      complain("Error: \(error)\n")
      exit(1)
    }
  }

  private func complain(_ text: String) { _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) } }
}
