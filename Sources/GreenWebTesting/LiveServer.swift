internal import Green
internal import GreenHTTP
internal import GreenHTTPClient
internal import GreenWeb
internal import HTTPTypes

/// An application that is served on a free port of this machine, in this process, and a client that asks it.
final class LiveServer: Sendable {
  /// Where it listens.
  let address: SocketAddress
  private let client: HTTPClient
  private let stopping: Event
  private let ended: Event

  /// Starts to serve. Parks or blocks until it listens.
  ///
  /// - Throws: `Errno` and `HubError`, where it cannot.
  init(_ app: App) throws {
    let (bound, stopping, ended) = (Promise<SocketAddress>(), Event(), Event())
    try ServingFiber.begin("test server") {
      defer { ended.set() }
      do {
        let loopback = SocketAddress(host: "127.0.0.1", port: 0)!
        let server = HTTPServer(try Listener.bind(loopback), application: app, configuration: .ofTest)
        try server.start()
        bound.fulfil(server.listener.address ?? loopback)
        try stopping.wait()
        try server.stop(grace: .seconds(10))
      } catch {
        bound.fail(error)
      }
    }
    do {
      address = try bound.value(until: .after(.seconds(60)))
    } catch {
      // Else it would serve, and its hub last, for ever.
      stopping.set()
      throw error
    }
    self.stopping = stopping
    self.ended = ended
    var configuration = HTTPClientConfiguration()
    configuration.maximumRedirects = 0
    configuration.proxies = .none
    configuration.userAgent = ""
    client = HTTPClient(configuration: configuration)
  }

  /// Stops, and waits for the requests that are still answered. Parks or blocks until then.
  func stop() {
    client.closeConnections()
    stopping.set()
    _ = withShield { try? ended.wait(until: .after(.seconds(60))) }
  }

  /// Asks, and waits for the whole answer.
  func ask(
    _ method: HTTPRequest.Method, _ target: String, host: String, _ headers: HTTPFields, _ body: [UInt8],
    json: JSONOptions
  ) throws -> TestResponse {
    var headers = headers
    if !headers.contains(Self.host) { headers[Self.host] = host }
    let content: HTTPClientRequest.Body = body.isEmpty ? .empty : .bytes(body, contentType: "")
    let answer = try client.send(
      HTTPClientRequest(method, "http://\(address)\(target)", headers: headers, body: content))
    return TestResponse(status: answer.status, headers: answer.headers, body: try answer.bytes(), json: json)
  }

  /// In place of the address, so that the application is asked for the same host as without a server.
  private static let host = HTTPField.Name("Host")!
}
