internal import Green
public import GreenHTTP
internal import HTTPTypes

extension Response {
  /// The answer after which the connection is a WebSocket (RFC 6455, 4.2).
  ///
  /// ```swift
  /// app.get("/echo") { request in
  ///   try Response.webSocket(request) { socket in
  ///     while let message = try socket.receive() { try socket.send(message) }
  ///   }
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - request: the one that is answered.
  ///   - subprotocols: those that are spoken here, the best first; see ``WebSocket/subprotocol``.
  ///   - origins: the pages of which sites may.
  ///   - configuration: limits and times.
  ///   - body: called once the answer has been sent, in the connection's fiber or thread, as blocking code. When it returns
  ///     the WebSocket is closed with 1000, when it throws, with 1011, and the error is logged. A server that stops closes it
  ///     with 1001: messages that come until the client has answered are still received, and nothing more can be sent. A child
  ///     that it forks, and which comes back from there since its `exec` has failed, ends.
  /// - Throws: `HTTPError`: 426 for a request that does not ask for a WebSocket of version 13, 400 for one without a key, 403
  ///   for a page of another site.
  public static func webSocket(
    _ request: Request, subprotocols: [String] = [], origins: WebSocketOrigins = .same,
    configuration: WebSocketConfiguration = WebSocketConfiguration(),
    _ body: @escaping @Sendable (WebSocket) throws -> Void
  ) throws(HTTPError) -> Response {
    let handshake = try ServerHandshake(
      request, subprotocols: subprotocols, origins: origins, compression: configuration.compression)
    return Response(upgradingTo: "websocket", headers: handshake.fields) { stream, notice in
      let process = OwnProcess()
      let socket = WebSocket(
        stream, isServer: true, subprotocol: handshake.subprotocol, compression: handshake.compression,
        configuration: configuration)
      notice.whenGiven { socket.goAway() }
      let outcome = Result { try body(socket) }
      // A child that the body has forked, and which comes back from there, would close its parent's.
      process.endIfChild()
      do {
        try outcome.get()
      } catch {
        socket.close(.internalError)
        throw error
      }
      socket.close()
    }
  }
}
