internal import Green
internal import GreenTasks
public import GreenWebSocket
public import GreenWebTesting
public import HTTPTypes

extension TestClient {
  /// Opens a WebSocket of the application and calls `body` with the client's side of it.
  ///
  /// ```swift
  /// try client.webSocket("/echo") { socket in
  ///   try socket.send("hello")
  ///   try #expect(socket.receive() == .text("hello"))
  /// }
  /// ```
  ///
  /// The handshake and the messages are those of a server, over a connection in memory; where the test is live, over one to its
  /// server. The client's cookies are sent, and those that the answer of a connection in memory sets are kept. The handler runs in
  /// a fiber: of the calling hub, else of the process's hub for tasks. In a `TestHub` its waits take no time.
  ///
  /// When `body` has returned the WebSocket is closed, and the handler is waited for. What it throws closes the WebSocket with
  /// 1011, as in a server, and is logged. Parks or blocks.
  ///
  /// - Parameters:
  ///   - target: the path, and the query.
  ///   - subprotocols: those that this side speaks, the best first.
  ///   - headers: further fields of the handshake, such as `Origin`.
  ///   - configuration: this side's limits and times.
  ///   - body: the test.
  /// - Returns: what `body` returned.
  /// - Throws: `WebSocketRefusal` with the status of the answer where the application does not open it; ``HandlerGoesOn`` where
  ///   the handler has not returned 10 s after the end; what `body` throws.
  @discardableResult
  public func webSocket<Result>(
    _ target: String, subprotocols: [String] = [], headers: HTTPFields = [:],
    configuration: WebSocketConfiguration = WebSocketConfiguration(), _ body: (WebSocket) throws -> Result
  ) throws -> Result {
    let connection = try TestConnection.open(
      to: self, target, subprotocols: subprotocols, headers: headers, configuration: configuration)
    let result: Result
    do {
      result = try body(connection.socket)
    } catch {
      try? connection.close()
      throw error
    }
    try connection.close()
    return result
  }

  /// As the one above, for an `async` function.
  @discardableResult
  public nonisolated(nonsending) func webSocket<Result>(
    _ target: String, subprotocols: [String] = [], headers: HTTPFields = [:],
    configuration: WebSocketConfiguration = WebSocketConfiguration(), _ body: (WebSocket) async throws -> Result
  ) async throws -> Result {
    let connection = try await Fiber.run {
      try TestConnection.open(
        to: self, target, subprotocols: subprotocols, headers: headers, configuration: configuration)
    }
    let result: Result
    do {
      result = try await body(connection.socket)
    } catch {
      try? await Fiber.run { try connection.close() }
      throw error
    }
    try await Fiber.run { try connection.close() }
    return result
  }
}
