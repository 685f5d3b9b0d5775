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
  /// ```
  ///
  /// - Throws: what `body` and the hooks throw.
  public func test<Result>(_ body: (TestClient) throws -> Result) throws -> Result {
    for hook in workerStartHooks { try hook() }
    defer { runWorkerStopHooks(until: .after(.seconds(10))) }
    return try body(testClient())
  }

  /// As the one above, for an `async` function.
  public func test<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: (TestClient) async throws -> Result
  ) async throws -> Result {
    for hook in workerStartHooks { try hook() }
    defer { runWorkerStopHooks(until: .after(.seconds(10))) }
    return try await body(testClient())
  }
}
