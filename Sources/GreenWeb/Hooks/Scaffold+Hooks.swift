public import GreenHTTP

// Flask's hooks. Those of an application are called for every request; those of a blueprint for the requests of its
// routes.

extension Scaffold {
  /// Calls `hook` before each request's handler: those of the application first, then those of blueprints from the
  /// outermost in, each in the order in which they were added. The first hook that returns something ends the row: that is
  /// the answer, and the handler is not called.
  ///
  /// ```swift
  /// app.beforeRequest { request in request.cookies["user"] == nil ? Response.redirect(to: "/login") : nil }
  /// ```
  public func beforeRequest<Result: ResponseConvertible>(_ hook: @escaping @Sendable (Request) throws -> Result?) {
    _scaffold.change { hooks in
      hooks.before.append { request in try hook(request)?.response(for: request) }
    }
  }

  /// As the one above for a `Response`: the compiler needs to be told of a closure that begins with `return nil`.
  public func beforeRequest(_ hook: @escaping @Sendable (Request) throws -> Response?) {
    _scaffold.change { $0.before.append(hook) }
  }

  /// Calls `hook` before all of `beforeRequest(_:)`, once the route is known: the place to take a language, or a tenant,
  /// from the parameters of the path.
  public func urlPreprocessor(_ hook: @escaping @Sendable (Request) throws -> Void) {
    _scaffold.change { hooks in
      hooks.url.append { request in
        try hook(request)
        return nil
      }
    }
  }

  /// As ``beforeRequest(_:)`` for a function that answers nothing.
  public func beforeRequest(_ hook: @escaping @Sendable (Request) throws -> Void) {
    _scaffold.change { hooks in
      hooks.before.append { request in
        try hook(request)
        return nil
      }
    }
  }

  /// Calls `hook` with each response, whether a handler, a hook or an error handler made it; what it returns is sent.
  /// Those of the innermost blueprint first, the application's last, each in reverse order.
  public func afterRequest(_ hook: @escaping @Sendable (Request, Response) throws -> Response) {
    _scaffold.change { $0.after.append(hook) }
  }

  /// Calls `hook` at the end of each request, whatever happened, with the error that nobody handled. The order is that
  /// of `afterRequest(_:)`. All are called; what one throws is logged.
  public func teardownRequest(_ hook: @escaping @Sendable (Request, (any Error)?) throws -> Void) {
    _scaffold.change { $0.teardown.append(hook) }
  }
}

extension Scaffold {
  /// As ``beforeRequest(_:)`` for an `async` function.
  public func beforeRequest<Result: ResponseConvertible>(
    _ hook: @escaping @Sendable (Request) async throws -> Result?
  ) { beforeRequest(ensureSync(hook)) }

  /// As ``beforeRequest(_:)`` for an `async` function that answers with a `Response`.
  public func beforeRequest(_ hook: @escaping @Sendable (Request) async throws -> Response?) {
    beforeRequest(ensureSync(hook))
  }

  /// As ``beforeRequest(_:)`` for an `async` function that answers nothing.
  public func beforeRequest(_ hook: @escaping @Sendable (Request) async throws -> Void) {
    beforeRequest(ensureSync(hook))
  }

  /// As ``urlPreprocessor(_:)`` for an `async` function.
  public func urlPreprocessor(_ hook: @escaping @Sendable (Request) async throws -> Void) {
    urlPreprocessor(ensureSync(hook))
  }

  /// As `afterRequest(_:)` for an `async` function.
  public func afterRequest(_ hook: @escaping @Sendable (Request, Response) async throws -> Response) {
    afterRequest(ensureSync(hook))
  }

  /// As `teardownRequest(_:)` for an `async` function.
  public func teardownRequest(_ hook: @escaping @Sendable (Request, (any Error)?) async throws -> Void) {
    teardownRequest(ensureSync(hook))
  }
}

extension App {
  /// Calls `hook` when all of a request is over, after every `teardownRequest(_:)`, with the error that
  /// nobody handled.
  public func teardownAppContext(_ hook: @escaping @Sendable ((any Error)?) throws -> Void) {
    _scaffold.change { $0.contextTeardown.append(hook) }
  }

  /// As ``teardownAppContext(_:)`` for an `async` function.
  public func teardownAppContext(_ hook: @escaping @Sendable ((any Error)?) async throws -> Void) {
    teardownAppContext(ensureSync(hook))
  }
}
