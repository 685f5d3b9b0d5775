internal import Green
internal import GreenHTTP

/// All that is called for the requests of a route, put together when the table of routes is made: so that a request looks
/// for nothing. A class, so that to find one and call it copies nothing.
final class RoutePipeline: Sendable {
  /// The handler with its inputs, in the middleware of the blueprints and the route.
  let call: Responder
  /// The middleware of the blueprints alone.
  let scopeMiddleware: [any Middleware]
  /// The hooks in the order in which they are called.
  let before: [_ScaffoldState.BeforeHook]
  let after: [_ScaffoldState.AfterHook]
  let teardown: [_ScaffoldState.TeardownHook]
  let contextTeardown: [_ScaffoldState.ContextTeardownHook]
  /// The error handlers, the innermost first.
  let errors: [ErrorHandlers]
  /// How many bytes the body of a request may have, where the route says so; 0 for any number.
  let bodyLimit: Int?
  /// The route's pattern, after that of its hosts where it is for some alone; `nil` where there is none.
  let label: Unmanaged<RouteLabel>?
  let parameters: [RoutePattern.Parameter]
  /// How many of the parameters must be valid values of a type.
  let checkCount: Int

  /// The way through some scopes: the application's hooks, and those of blueprints from the outermost in.
  struct Way {
    let application: _ScaffoldState.Hooks
    let blueprints: [_ScaffoldState.Hooks]
  }

  init(
    _ way: Way, pattern: RoutePattern? = nil, label: String? = nil, bodyLimit: Int? = nil,
    middleware: [any Middleware] = [],
    _ handler: @escaping Responder
  ) {
    let scopes = [way.application] + way.blueprints
    let outer = way.blueprints.flatMap(\.middleware)
    scopeMiddleware = outer
    call = (outer + middleware).around(handler)
    before = scopes.flatMap(\.url) + scopes.flatMap(\.before)
    after = scopes.reversed().flatMap { $0.after.reversed() }
    teardown = scopes.reversed().flatMap { $0.teardown.reversed() }
    contextTeardown = way.application.contextTeardown.reversed()
    errors = scopes.reversed().map(\.errors).filter { !$0.isEmpty }
    self.bodyLimit = bodyLimit
    self.label = label.map { .passUnretained(RouteLabel.of($0)) }
    let parameters = pattern?.parameters ?? []
    self.parameters = parameters
    checkCount = parameters.count { $0.check != nil }
  }

  /// That of a route.
  convenience init(_ entry: RouteEntry, _ way: Way) {
    let settings = entry.record.settings
    var handler = entry.record.call
    if let limit = settings.timeLimit { handler = RoutePipeline.limited(handler, to: limit) }
    self.init(
      way, pattern: entry.pattern, label: entry.place, bodyLimit: settings.bodyLimit, middleware: settings.middleware,
      handler)
  }

  /// This one with another handler, outside the route's own middleware, and without hooks before it where that is said.
  init(_ other: RoutePipeline, withoutBefore: Bool = false, _ handler: @escaping Responder) {
    call = withoutBefore ? handler : other.scopeMiddleware.around(handler)
    scopeMiddleware = other.scopeMiddleware
    before = withoutBefore ? [] : other.before
    after = other.after
    teardown = other.teardown
    contextTeardown = other.contextTeardown
    errors = other.errors
    bodyLimit = nil
    label = nil
    parameters = []
    checkCount = 0
  }

  /// Whether nothing is called for a request that does not fail but ``call``.
  var isBare: Bool { before.isEmpty && after.isEmpty && teardown.isEmpty && contextTeardown.isEmpty }

  private static func limited(_ handler: @escaping Responder, to limit: Duration) -> Responder {
    { request in
      do {
        return try withTimeout(limit) { try handler(request) }
      } catch is TimeoutError {
        throw HTTPError(.serviceUnavailable, "the request took longer than it may")
      }
    }
  }
}
