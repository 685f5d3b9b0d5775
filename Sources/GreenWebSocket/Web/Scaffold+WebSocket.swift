internal import Green
public import GreenHTTP
internal import GreenTasks
public import GreenWeb

extension Scaffold {
  /// Opens WebSockets at `path`, each for one call of `handler`.
  ///
  /// ```swift
  /// app.webSocket("/echo") { request, socket in
  ///   while let message = try socket.receive() { try socket.send(message) }
  /// }
  /// ```
  ///
  /// Middleware and the hooks before a request run first, and inputs are made, as of any route: all may answer the request
  /// otherwise, with `401`.
  ///
  /// ```swift
  /// app.webSocket("/chat/{room}") { (request, socket, room: String, user: User) in … }
  /// ```
  ///
  /// The handler is blocking
  /// code. When it returns the WebSocket is closed with 1000, when it throws, with 1011, and the error is logged. When the
  /// server stops it is closed with 1001, and the handler has until `--graceful-timeout` to return. A request that does
  /// not ask for a WebSocket is answered with `426`, one from another site's page with `403`.
  ///
  /// - Parameters:
  ///   - path: as of any route: with `{name}` for a segment.
  ///   - subprotocols: those that are spoken here, the best first; see ``WebSocket/subprotocol``.
  ///   - origins: the pages of which sites may.
  ///   - configuration: limits and times.
  ///   - handler: called for each WebSocket, with the request that opened it.
  @discardableResult
  public func webSocket<each Input: HandlerInput>(
    _ path: String, subprotocols: [String] = [], origins: WebSocketOrigins = .same,
    configuration: WebSocketConfiguration = WebSocketConfiguration(),
    _ handler: @escaping @Sendable (Request, WebSocket, repeat each Input) throws -> Void
  ) -> Route<repeat each Input> {
    get(path) { (request: Request, input: repeat each Input) -> Response in
      try Response.webSocket(
        request, subprotocols: subprotocols, origins: origins, configuration: configuration
      ) { socket in try handler(request, socket, repeat each input) }
    }
  }

  /// As the one above, for an `async` handler.
  @discardableResult
  public func webSocket<each Input: HandlerInput>(
    _ path: String, subprotocols: [String] = [], origins: WebSocketOrigins = .same,
    configuration: WebSocketConfiguration = WebSocketConfiguration(),
    _ handler: @escaping @Sendable (Request, WebSocket, repeat each Input) async throws -> Void
  ) -> Route<repeat each Input> {
    webSocket(path, subprotocols: subprotocols, origins: origins, configuration: configuration) {
      (request: Request, socket: WebSocket, input: repeat each Input) throws -> Void in
      try Fiber.await { try await handler(request, socket, repeat each input) }
    }
  }
}
