import Green
import GreenHTTP
import GreenHTTPClient
import GreenTasks
import HTTPTypes
import SuiteSupport
import Testing

/// The same by the same names, in tasks.
@Suite(.bounded) struct AsyncTests {
  private struct Note: Codable, Equatable, Sendable {
    var id: Int
  }

  private let executor = QueueExecutor()

  /// Calls `body` with the URL of a server on a thread of its own.
  private func withServer(_ application: Handler, _ body: (String) async throws -> Void) async throws {
    let hub = try HubThread()
    let port = try await hub.run {
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      try HTTPServer(listener, application: application, configuration: .patient).start()
      return listener.address!.port!
    }
    defer { hub.stop() }
    // A server does not wait for minutes until a task, which stands behind other tests, takes the rest of its answer.
    try await withTaskExecutorPreference(executor) { try await body("http://127.0.0.1:\(port)") }
  }

  @Test func requestsAndAnswersAreAwaited() async throws {
    try await withServer(.echo) { url async throws in
      let client = HTTPClient()
      #expect(try await client.get(url + "/a").text() == "GET /a ")
      #expect(try await client.post(url, body: .text("x")).bytes() == Array("POST / x".utf8))
      let answers = try await withThrowingTaskGroup(of: String.self) { group in
        for index in 0..<50 { group.addTask { try await client.get("\(url)/\(index)").text() } }
        return try await group.reduce(into: Set<String>()) { $0.insert($1) }
      }
      #expect(answers == Set((0..<50).map { "GET /\($0) " }))
    }
    try await withServer(Handler { Response(try $0.body.bytes()) }) { url async throws in
      #expect(try await HTTPClient().put(url, body: .json(Note(id: 7))).json(Note.self) == Note(id: 7))
      var count = 0
      for try await piece in try await HTTPClient().post(url, body: .bytes([UInt8](repeating: 1, count: 500_000))).body
      {
        count += piece.count
      }
      #expect(count == 500_000)
    }
  }

  @Test func cancellingTheTaskEndsTheWait() async throws {
    let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
    try await withServer(
      Handler { _ in
        beginning.yield()
        try Fiber.sleep(for: .seconds(600))
        return Response("late")
      }
    ) { url async throws in
      let asking = Task(executorPreference: executor) { try await HTTPClient().get(url) }
      for await _ in begun { break }
      asking.cancel()
      await #expect(throws: CancellationError.self) { _ = try await asking.value }
    }
  }
}
