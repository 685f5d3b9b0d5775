public import GreenHTTP

extension Scaffold {
  /// Puts middleware around the answering of all requests: of an application, of a blueprint's routes. The first that is added
  /// is the outermost. It makes no difference whether a route was added before or after it.
  ///
  /// ```swift
  /// app.use(CORS(origins: ["https://example.org"]), SecurityHeaders())
  /// ```
  ///
  /// A request passes the application's middleware, the hooks before it, the middleware of blueprints from the outermost in, its
  /// route's, and then its handler.
  public func use(_ middleware: any Middleware...) { _scaffold.change { $0.middleware += middleware } }

  /// As ``use(_:)-(Middleware...)`` for a function.
  ///
  /// ```swift
  /// app.use { request, next in try next(request).withHeader(.server, "example") }
  /// ```
  public func use(_ middleware: @escaping @Sendable (Request, Next) throws -> Response) {
    use(MiddlewareFunction(function: middleware))
  }

  /// As ``use(_:)-(Middleware...)`` for an `async` function.
  public func use(_ middleware: @escaping @Sendable (Request, Next) async throws -> Response) {
    use(AsyncMiddlewareFunction(function: middleware))
  }
}
