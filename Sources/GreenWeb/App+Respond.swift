internal import Green
public import GreenHTTP
internal import HTTPTypes

// A request's way through the application, in Flask's order: the hooks before it, its handler, the handlers of errors, the
// hooks after it, the teardown.

extension App {
  /// Answers a request by its route. May park, as handlers and hooks may. An error that nobody handles is logged and
  /// answered with `500`; so this throws nothing.
  public func respond(to request: Request) -> Response {
    if _scaffold.hasNoHooks, let handler = routes.withTable({ $0.plainHandler(for: request) }),
      // Unsafe: the table that holds the handler lives as long as the application.
      handler._withUnsafeGuaranteedRef({ $0.hasNoHooks })
    {
      return answer(request, by: handler)
    }
    var passage = Passage(app: self, request: request, own: _scaffold.current)
    let response = passage.answer()
    return passage.leave(response)
  }

  /// Answers a request on whose way there is nothing but its handler: nothing is copied or counted for it.
  @inline(__always)
  private func answer(_ request: Request, by handler: Unmanaged<RouteHandler>) -> Response {
    do {
      return try handler._withUnsafeGuaranteedRef { try $0.call(request) }
    } catch {
      return answer(error, of: request, by: handler)
    }
  }

  @inline(never)
  private func answer(_ error: any Error, of request: Request, by handler: Unmanaged<RouteHandler>) -> Response {
    // Hooks that were added meanwhile are for requests that began with them.
    var passage = Passage(app: self, request: request, own: _scaffold.current.withErrorsOnly)
    passage.blueprints = handler.takeUnretainedValue().scopes.map(\.current.withErrorsOnly)
    return passage.answer(error)
  }

  /// Answers a request that the server refuses by the application's error handlers. Its hooks after a response and its
  /// teardown follow, as after a path without a route; no hook before a request is called.
  public func respond(to request: Request, refusedWith error: HTTPError) -> Response {
    var passage = Passage(app: self, request: request, own: _scaffold.current)
    let response = passage.answer(error)
    return passage.leave(response)
  }
}

/// One request on its way.
private struct Passage {
  let app: App
  var request: Request
  let own: _ScaffoldState.Snapshot
  /// The hooks of the blueprints around the route, the outermost first.
  var blueprints: [_ScaffoldState.Snapshot] = []
  /// The error that nobody handled.
  var unhandled: (any Error)?

  init(app: App, request: Request, own: _ScaffoldState.Snapshot) {
    self.app = app
    self.request = request
    self.own = own
  }

  mutating func answer() -> Response {
    do {
      let found = try app.routes.withTable { try $0.find(request) }
      if let found {
        request = found.request
        if !found.handler.scopes.isEmpty { blueprints = found.handler.scopes.map(\.current) }
      } else if request.knownMethod == .options {
        // It is about a route, and what a blueprint adds to answers belongs to this one too: CORS.
        blueprints = app.routes.withTable { $0.scopes(around: request.rawPathBytes) }.map(\.current)
      }
      if let response = try before() { return response }
      if let found { return try found.handler.call(request) }
      let response = app.routes.withTable { $0.unmatched(request) }
      return response.status.kind == .clientError ? try handled(HTTPError(response), or: response) : response
    } catch {
      return answer(error)
    }
  }

  private func before() throws -> Response? {
    for hook in own.hooks.before { if let response = try hook(request) { return response } }
    for blueprint in blueprints {
      for hook in blueprint.hooks.before { if let response = try hook(request) { return response } }
    }
    return nil
  }

  // MARK: Errors

  /// Blueprints from the inside out, then the application.
  private var handlers: [ErrorHandlers] { blueprints.reversed().map(\.hooks.errors) + [own.hooks.errors] }

  private func handler(for error: any Error) -> ErrorHandlers.Handler? {
    if own.hooks.errors.isEmpty && blueprints.isEmpty { return nil }
    let handlers = handlers
    if let code = (error as? HTTPError)?.status.code {
      for one in handlers { if let handler = one.handler(forStatus: code) { return handler } }
    }
    for one in handlers { if let handler = one.handler(for: error) { return handler } }
    return nil
  }

  private func handled(_ error: HTTPError, or response: Response) throws -> Response {
    guard let handler = handler(for: error) else { return response }
    return try handler(error, request)
  }

  mutating func answer(_ error: any Error) -> Response {
    do {
      if let handler = handler(for: error) { return try handler(error, request) }
      if let error = error as? HTTPError { return Response(error) }
      return fail(error)
    } catch {
      return fail(error)
    }
  }

  /// An error that nobody handles.
  private mutating func fail(_ error: any Error) -> Response {
    unhandled = error
    if !request.isGivenUp(error) {
      request.noteFailure()
      log(" failed: \(error)")
    }
    let response = Response("Internal Server Error", status: .internalServerError)
    do {
      return try handled(HTTPError(.internalServerError, underlying: error), or: response)
    } catch {
      log(": the handler of status 500 failed: \(error)")
      return response
    }
  }

  // MARK: After the response

  mutating func leave(_ response: Response) -> Response {
    if own.hooks.after.isEmpty && own.hooks.teardown.isEmpty && blueprints.isEmpty { return left(response) }
    var response = response
    let scopes = [own] + blueprints
    do {
      for scope in scopes.reversed() {
        for hook in scope.hooks.after.reversed() { response = try hook(request, response) }
      }
    } catch {
      response = fail(error)
    }
    for scope in scopes.reversed() {
      for hook in scope.hooks.teardown.reversed() { tearDown { try hook(request, unhandled) } }
    }
    return left(response)
  }

  private func left(_ response: Response) -> Response {
    for hook in own.hooks.contextTeardown.reversed() { tearDown { try hook(unhandled) } }
    return response
  }

  private func tearDown(_ hook: () throws -> Void) {
    do {
      try hook()
    } catch {
      log(": a teardown hook failed: \(error)")
    }
  }

  /// Notes what went wrong, with the request's line and its id.
  private func log(_ text: String) {
    app.logger.error("\(request.method) \(request.rawPath)\(text)", metadata: ["request.id": "\(request.id)"])
  }
}

extension HTTPError {
  /// What a response of the framework's own says.
  fileprivate init(_ response: Response) {
    self.init(response.status, headers: response.headers)
  }
}
