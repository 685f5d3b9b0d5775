internal import Green
public import GreenHTTP
internal import HTTPTypes
public import Logging

/// A web application: routes, and the blocking functions that answer them.
///
/// ```swift
/// let app = App()
/// app.get("/") { _ in "Hello World!" }
/// app.get("/users/{id}") { request in
///   try database.user(request.parameters.require("id", as: Int.self))
/// }
/// ```
///
/// A handler is called by many fibers or threads at once. Routes may be added at any time; one that is added while
/// requests are served is found by those that follow.
public final class App: Application {
  private let routes = RouteRegistry()
  /// What is set up beside routes, under a lock that is held for the change only.
  private let settings = Guarded(Settings())

  private struct Settings {
    var workerStartHooks: [@Sendable () throws -> Void] = []
    var logger: Logger?
  }

  /// An application without routes.
  public init() {}

  /// The application's logger. Until it is set, one labelled `app` is made each time it is asked for, so that it is of
  /// the logging system as it is then: a server sets that up after the application was made.
  public var logger: Logger {
    get { settings.withLock { $0.logger } ?? Logger(label: "app") }
    set { settings.withLock { $0.logger = newValue } }
  }

  /// Has `hook` called in each worker process, before its first request: the place to open what must not be shared
  /// between processes. What it throws ends the worker.
  public func onWorkerStart(_ hook: @escaping @Sendable () throws -> Void) {
    settings.withLock { $0.workerStartHooks.append(hook) }
  }

  /// The functions given to ``onWorkerStart(_:)``, in order.
  package var workerStartHooks: [@Sendable () throws -> Void] { settings.withLock { $0.workerStartHooks } }

  /// Adds a route. A pattern that is malformed, and a route that is there already, end the program: routes are part of
  /// it, and nothing from outside gets here.
  func add(_ path: String, _ methods: [HTTPRequest.Method], _ handler: @escaping RouteHandler) {
    let pattern: RoutePattern
    switch RoutePattern.parse(path) {
    case .success(let parsed): pattern = parsed
    case .failure(let problem): preconditionFailure(problem.description)
    }
    for method in methods {
      if let other = routes.add(Route(method: method, pattern: pattern, handler: handler)) {
        preconditionFailure("\(method) \(path) is served already, by \(other.method) \(other.pattern.text)")
      }
    }
  }

  /// Answers a request by its route. May park, as the handler may. An error that is no ``HTTPError`` is logged and
  /// answered with `500`; so this throws nothing.
  public func respond(to request: Request) -> Response {
    do {
      return try routes.withTable { try $0.respond(to: request) }
    } catch let error as HTTPError {
      return Response(error)
    } catch {
      logger.error("\(request.method) \(request.rawPath) failed: \(error)")
      return Response("Internal Server Error", status: .internalServerError)
    }
  }
}
