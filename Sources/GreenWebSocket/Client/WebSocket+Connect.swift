public import Green
public import GreenHTTP

extension WebSocket {
  /// Opens a WebSocket to a server: `ws://host:port/path`. Parks or blocks until the server has answered.
  ///
  /// - Parameters:
  ///   - url: of the scheme `ws`.
  ///   - subprotocols: those that this side speaks, the best first.
  ///   - headers: further fields of the request, such as `Authorization` or `Origin`.
  ///   - configuration: limits and times.
  ///   - deadline: for the name, the connection and the answer together.
  /// - Throws: ``WebSocketURLError``, ``WebSocketRefusal`` when the server's answer is another one, `Errno.timedOut`, and what
  ///   `Socket.connect(host:port:attemptDelay:until:configure:)` throws.
  public static func connect(
    _ url: String, subprotocols: [String] = [], headers: [(name: String, value: String)] = [],
    configuration: WebSocketConfiguration = WebSocketConfiguration(), until deadline: Deadline = .after(.seconds(30))
  ) throws -> WebSocket {
    let text = url
    let url = try WebSocketURL(text)
    if url.isSecure { throw WebSocketURLError(url: text, problem: "wss takes a TLSSocket: connect(_:over:)") }
    let socket = try Socket.connect(host: url.host, port: url.port, until: deadline)
    do {
      return try ClientHandshake(url, subprotocols, headers, configuration).perform(on: socket, until: deadline)
    } catch {
      socket.close()
      throw error
    }
  }

  /// Opens a WebSocket over a stream that is connected to its server already: for `wss` over a `TLSSocket` of `GreenTLS`, or
  /// through a proxy. Parks or blocks until the server has answered. The stream stays the caller's to close where this throws.
  ///
  /// - Parameters:
  ///   - url: of the scheme `ws` or `wss`; for the request's path and host.
  ///   - stream: what it is spoken over.
  ///   - subprotocols: those that this side speaks, the best first.
  ///   - headers: further fields of the request, such as `Authorization` or `Origin`.
  ///   - configuration: limits and times.
  ///   - deadline: for the answer.
  /// - Throws: as ``connect(_:subprotocols:headers:configuration:until:)``, except for what connecting throws.
  public static func connect(
    _ url: String, over stream: any ByteStream, subprotocols: [String] = [],
    headers: [(name: String, value: String)] = [], configuration: WebSocketConfiguration = WebSocketConfiguration(),
    until deadline: Deadline = .after(.seconds(30))
  ) throws -> WebSocket {
    let url = try WebSocketURL(url)
    return try ClientHandshake(url, subprotocols, headers, configuration).perform(on: stream, until: deadline)
  }
}
