internal import Green
public import GreenWeb

extension App {
  /// A client that asks this application in the same process. See ``TestClient``.
  ///
  /// - Parameters:
  ///   - followRedirects: whether it goes where it is led.
  ///   - scheme: by which its requests come: with `https`, cookies are `Secure`.
  ///   - host: which host they are for.
  public func testClient(
    followRedirects: Bool = false, scheme: String = "http", host: String = "localhost"
  ) -> TestClient { TestClient(self, followRedirects: followRedirects, scheme: scheme, host: host) }

  /// Calls `body` with a client, between the hooks of a worker's start and stop: so resources are opened and closed.
  ///
  /// ```swift
  /// try app.test { client in #expect(try client.get("/").status == .ok) }
  /// try app.test(.live) { client in #expect(try client.get("/").status == .ok) }
  /// ```
  ///
  /// In a `TestHub` of GreenTesting the application's waits take no time: it is asked there, in the calling fiber.
  ///
  /// ```swift
  /// try TestHub.run { try app.test { client in #expect(try client.get("/slow").status == .ok) } }
  /// ```
  ///
  /// - Parameters:
  ///   - mode: whether the application is asked itself, as by default, or a server of it.
  ///   - body: the test. The client is of no use afterwards where there is a server.
  /// - Throws: what `body` and the hooks throw; `Errno` and `HubError` where there cannot be a server.
  public func test<Result>(_ mode: TestMode = .memory, _ body: (TestClient) throws -> Result) throws -> Result {
    for hook in workerStartHooks { try hook() }
    defer { runWorkerStopHooks(until: .after(.seconds(10))) }
    guard mode == .live else { return try body(testClient()) }
    let server = try LiveServer(self)
    defer { server.stop() }
    return try body(client(of: server))
  }

  /// As the one above, for an `async` function.
  public func test<Result>(
    _ mode: TestMode = .memory, isolation: isolated (any Actor)? = #isolation,
    _ body: (TestClient) async throws -> Result
  ) async throws -> Result {
    for hook in workerStartHooks { try hook() }
    defer { runWorkerStopHooks(until: .after(.seconds(10))) }
    guard mode == .live else { return try await body(testClient()) }
    let server = try LiveServer(self)
    defer { server.stop() }
    return try await body(client(of: server))
  }

  private func client(of server: LiveServer) -> TestClient {
    TestClient(self, followRedirects: false, scheme: "http", host: "localhost", server: server)
  }
}
