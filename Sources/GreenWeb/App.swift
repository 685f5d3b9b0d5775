public import Green
public import GreenHTTP
internal import HTTPTypes
public import Logging

/// A web application: routes, and the blocking functions that answer them.
///
/// ```swift
/// let app = App()
/// app.get("/") { _ in "Hello World!" }
/// app.get("/users/{id}") { (_, id: Int) in try database.user(id) }
/// ```
///
/// A handler is called by many fibers or threads at once. Routes may be added at any time; one that is added while
/// requests are served is found by those that follow.
public final class App: Application, Scaffold {
  let routes: RouteRegistry
  /// What is set up beside routes, under a lock that is held for the change only.
  private let settings: Guarded<Settings>
  /// Where what went wrong with requests is noted.
  let log: RequestLog

  private struct Settings {
    var workerStartHooks: [@Sendable () throws -> Void] = []
    var workerStopHooks: [@Sendable (Deadline) throws -> Void] = []
    var logger: Logger?
    var showsFaults = false
    var master = MasterProcessHooks()
    var commands: [AppCommand] = []
    var parts: [String: AppPart] = [:]
  }

  /// Where the routes, hooks and error handlers are kept.
  public let _scaffold: _ScaffoldState
  let backgroundWork = BackgroundWork()
  /// What the application is told about where it runs.
  public let config = AppConfiguration()

  /// An application without routes.
  public init() {
    let routes = RouteRegistry()
    self.routes = routes
    let scaffold = _ScaffoldState { record in App.add(record, record.path, host: nil, scopes: [], to: routes) }
    scaffold.attach(to: routes.slot)
    _scaffold = scaffold
    let settings = Guarded(Settings())
    self.settings = settings
    log = RequestLog(
      logger: { settings.withLock { $0.logger } ?? Logger(label: "app") },
      showsFaults: { settings.withLock { $0.showsFaults } })
  }

  /// Has whoever asks from this machine told of errors that nobody handles, with the calls and the code: for development.
  package func showFaults() {
    settings.withLock { $0.showsFaults = true }
    Development.begin()
    FiberBacktrace.watchThrows()
  }

  /// The application's logger. Until it is set, one labelled `app` is made each time it is asked for, so that it uses
  /// the logging system as it is then: a server sets that up after the application was made.
  public var logger: Logger {
    get { log.logger() }
    set { settings.withLock { $0.logger = newValue } }
  }

  /// What is called in the master process.
  package var masterHooks: MasterProcessHooks { settings.withLock { $0.master } }

  var commands: [AppCommand] { settings.withLock { $0.commands } }

  func changeCommands(_ change: (inout [AppCommand]) -> Void) { settings.withLock { change(&$0.commands) } }
  /// What may be served in place of the application, by its name.
  package var parts: [String: AppPart] { settings.withLock { $0.parts } }

  func addPart(_ name: String, _ part: AppPart) { settings.withLock { $0.parts[name] = part } }

  func changeMasterHooks(_ change: (inout MasterProcessHooks) -> Void) { settings.withLock { change(&$0.master) } }

  /// Calls `hook` in each worker process, before its first request: the place to open what must not be shared
  /// between processes. What it throws ends the worker.
  public func onWorkerStart(_ hook: @escaping @Sendable () throws -> Void) {
    settings.withLock { $0.workerStartHooks.append(hook) }
  }

  /// The functions given to ``onWorkerStart(_:)``, in order.
  package var workerStartHooks: [@Sendable () throws -> Void] { settings.withLock { $0.workerStartHooks } }

  /// Calls `hook` in each worker process that ends because it was asked to, once its requests and its background
  /// work have ended: the place to close what `onWorkerStart(_:)` opened. The hook that was added last is called
  /// first.
  ///
  /// Each hook should return by the deadline that it is given: then the graceful timeout is over and the worker is killed.
  /// What it throws is logged. A worker that has to end at once, or is killed, calls none.
  public func onWorkerStop(_ hook: @escaping @Sendable (Deadline) throws -> Void) {
    settings.withLock { $0.workerStopHooks.append(hook) }
  }

  /// Calls the functions given to ``onWorkerStop(_:)``, the last first.
  package func runWorkerStopHooks(until deadline: Deadline) {
    for hook in settings.withLock({ $0.workerStopHooks }).reversed() {
      do {
        try hook(deadline)
      } catch {
        logger.error("a worker stop hook failed: \(error)")
      }
    }
  }

  func add(_ record: RouteRecord, _ path: String, host: HostPattern?, scopes: [_ScaffoldState]) {
    Self.add(record, path, host: host, scopes: scopes, to: routes)
  }

  /// Adds a route. A pattern that is malformed, inputs that do not fit it, and a route that is there already, end the program:
  /// routes are part of it, and nothing from outside gets here.
  private static func add(
    _ record: RouteRecord, _ path: String, host: HostPattern?, scopes: [_ScaffoldState], to routes: RouteRegistry
  ) {
    let inputs = record.pathInputs
    let own = inputs.isEmpty ? 0 : RoutePath.parameterCount(record.path)
    let pattern: RoutePattern
    switch RoutePattern.parse(path).flatMap({ $0.typed(inputs, own: own, host: host) }) {
    case .success(let parsed): pattern = parsed
    case .failure(let problem): fatalError(problem.description)
    }
    for method in record.methods {
      let entry = RouteEntry(method: method, host: host, pattern: pattern, record: record, scopes: scopes)
      if let other = routes.add(entry) {
        fatalError("\(method) \(entry.place) is served already, by \(other.method) \(other.place)")
      }
    }
  }
}
