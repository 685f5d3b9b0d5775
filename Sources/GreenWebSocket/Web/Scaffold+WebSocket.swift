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
  /// The hooks before a request run first, and may answer it otherwise: with `401`, as for any other. The handler is blocking
  /// code. When it returns the WebSocket is closed with 1000, when it throws, with 1011, and the error is logged. When the
  /// server stops it is closed with 1001, and the handler has until `--graceful-timeout` to return. A request that does not ask for a WebSocket is answered with `426`, one from another site's page with `403`.
  ///
  /// - Parameters:
  ///   - path: as of any route: with `{name}` for a segment.
  ///   - subprotocols: those that are spoken here, the best first; see ``WebSocket/subprotocol``.
  ///   - origins: the pages of which sites may.
  ///   - configuration: limits and times.
  ///   - handler: called for each WebSocket, with the request that opened it.
  public func webSocket(
    _ path: String, subprotocols: [String] = [], origins: WebSocketOrigins = .same,
    configuration: WebSocketConfiguration = WebSocketConfiguration(),
    _ handler: @escaping @Sendable (Request, WebSocket) throws -> Void
  ) {
    get(path) { request in
      // Unsafe: it is called in the fiber or thread in which the request came, and by nobody else.
      nonisolated(unsafe) let kept = request
      return try Response.webSocket(
        request, subprotocols: subprotocols, origins: origins, configuration: configuration
      ) { socket in try handler(kept, socket) }
    }
  }

  /// As the one above, for an `async` handler.
  public func webSocket(
    _ path: String, subprotocols: [String] = [], origins: WebSocketOrigins = .same,
    configuration: WebSocketConfiguration = WebSocketConfiguration(),
    _ handler: @escaping @Sendable (Request, WebSocket) async throws -> Void
  ) {
    webSocket(path, subprotocols: subprotocols, origins: origins, configuration: configuration, ensureSync(handler))
  }
}
