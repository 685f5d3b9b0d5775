internal import Green
internal import GreenHTTP
internal import GreenWeb
internal import GreenWebSocket
internal import GreenWebTesting
internal import HTTPTypes
internal import Logging

/// A WebSocket that a test has opened, and what serves it.
struct TestConnection: Sendable {
  /// The client's side.
  let socket: WebSocket
  private let target: String
  private let end: @Sendable () -> Void
  /// `nil` where the handler is a server's to see to.
  private let serving: Serving?

  /// What serves it in memory.
  private struct Serving: Sendable {
    let fiber: ServingFiber
    /// Set when the handler has returned.
    let ended: Event

    /// Waits for the handler. One that goes on is cancelled: its hub would last as long as it, and a test's is to end.
    ///
    /// - Returns: whether it has returned by itself.
    func end() -> Bool {
      withShield {
        if (try? ended.wait(until: .after(TestConnection.patience))) != nil { return true }
        fiber.cancel()
        try? ended.wait(until: .after(TestConnection.patience))
        return false
      }
    }
  }

  /// Opens a WebSocket of a client's application, in memory or by its server. Parks or blocks until there has been an answer.
  static func open(
    to client: TestClient, _ target: String, subprotocols: [String], headers: HTTPFields,
    configuration: WebSocketConfiguration
  ) throws -> TestConnection {
    let path = String(target.prefix { $0 != "?" })
    var fields = headers
    if !fields.contains(.cookie) { fields[.cookie] = client.cookieField(for: path) }
    let (stream, end, serving) = try connect(to: client, path)
    do {
      let socket = try WebSocket.connect(
        "\(client.scheme == "https" ? "wss" : "ws")://\(client.host)\(target)", over: stream,
        subprotocols: subprotocols,
        headers: fields.map { ($0.name.rawName, $0.value) }, configuration: configuration)
      return TestConnection(socket: socket, target: target, end: end, serving: serving)
    } catch {
      end()
      _ = serving?.end()
      throw error
    }
  }

  /// Closes it, and waits for the handler.
  func close() throws {
    socket.close()
    end()
    if let serving, !serving.end() { throw HandlerGoesOn(target: target) }
  }

  private static var patience: Duration { .seconds(10) }

  /// A connection to what serves the client's application, its end, and when the application is done with it.
  private static func connect(
    to client: TestClient, _ path: String
  ) throws -> (any ByteStream, @Sendable () -> Void, Serving?) {
    if let address = client.liveAddress {
      // Unsafe: closed once, by whoever uses it, when that is over.
      nonisolated(unsafe) let socket = try Socket.connect(to: address, until: .after(patience))
      return (socket, { socket.close() }, nil)
    }
    let (near, far) = TestStream.pair(isEncrypted: client.scheme == "https")
    let ended = Event()
    let fiber = try ServingFiber.begin("WebSocket \(path)") {
      serve(client, path, over: far)
      far.close()
      ended.set()
    }
    return (near, { near.close() }, Serving(fiber: fiber, ended: ended))
  }

  /// Serves a connection as a server's worker does, but for the times that a client has.
  private static func serve(_ client: TestClient, _ path: String, over stream: TestStream) {
    let application = WatchedApplication(client: client, path: path)
    let connection = HTTPConnection(stream: stream, application: application, configuration: .ofTest)
    guard case .handedOver(let handedOver) = connection.serve() else { return }
    handedOver.speak { client.app.logger.error("the handler of the WebSocket at \(path) failed: \($0)") }
  }
}

/// An application of whose answers a client keeps the cookies.
private struct WatchedApplication: Application {
  let client: TestClient
  let path: String

  func respond(to request: Request) -> Response { keeping(client.app.respond(to: request)) }

  func respond(to request: Request, refusedWith error: HTTPError) -> Response {
    keeping(client.app.respond(to: request, refusedWith: error))
  }

  func bodyLimit(for request: Request) -> Int? { client.app.bodyLimit(for: request) }

  private func keeping(_ response: Response) -> Response {
    client.keepCookies(of: response.headers, from: path)
    return response
  }
}
