import Green
import GreenHTTP
import GreenTesting
import GreenWeb
import GreenWebTesting
import HTTPTypes
import SuiteSupport
import TestSupport
import Testing

/// `App.test` in memory, in a `TestHub` and with a server.
@Suite(.bounded) struct TestModeTests {
  private let app: App = {
    let app = App()
    app.get("/") { request in "\(request.host ?? "-") \(request.cookies.user ?? "nobody")" }
    app.get("/login") { _ in
      var response = Response.redirect(to: "/")
      response.setCookie(Cookie("user", "Eve"))
      return response
    }
    app.post("/echo") { request in
      "\(request.header(.contentType) ?? "-") \(request.header(.contentLength) ?? "-") \(try request.body.text())"
    }
    app.get("/json") { _ in ["a": 1] }
    app.get("/stream") { _ in StreamedBody { body in for number in 0..<3 { try body.write("\(number)") } } }
    app.get("/slow") { _ in
      try Fiber.sleep(for: .seconds(3600))
      return "done"
    }
    return app
  }()

  /// What a test says does not depend on how its application is asked.
  private func check(_ client: TestClient) throws {
    expectSame(try client.get("/").text, "localhost nobody")
    expectSame(try client.get("/login").status, .seeOther)
    expectSame(try client.get("/").text, "localhost Eve")
    expectSame(client.cookies(), ["user": "Eve"])
    expectSame(try client.post("/echo", json: [1]).text, "application/json 3 [1]")
    expectSame(try client.get("/json").json([String: Int].self), ["a": 1])
    expectSame(try client.get("/stream").text, "012")
    expectSame(try client.head("/json").body, [])
    expectSame(try client.get("/nowhere?a=b").status, .notFound)
  }

  @Test func aLiveServerIsAskedByHTTP() throws {
    let app = app
    func live() throws {
      try app.test(.live) { client in
        let address = client.baseURL ?? "none"
        #expect(address.hasPrefix("http://127.0.0.1:") && !address.hasSuffix(":0"))
        let headers = try client.get("/").headers
        #expect(headers[.date] != nil && headers[.contentLength] == "16", "as a server sends them")
        try check(client)
      }
    }
    try onThread(live)
    try onHub(live)
  }

  @Test func inMemoryThereIsNoServer() throws {
    try app.test { client in
      #expect(client.baseURL == nil)
      expectSame(try client.get("/").headers[.date], nil)
      try check(client)
    }
  }

  @Test func anAsyncTestHasEither() async throws {
    for mode in [TestMode.memory, .live] {
      let isThere = try await app.test(mode) { client in
        await Task.yield()
        try check(client)
        return client.baseURL != nil
      }
      #expect(isThere == (mode == .live))
    }
  }

  @Test(arguments: [TestMode.memory, .live])
  func theHooksOfAWorkerAreCalled(_ mode: TestMode) throws {
    let calls = Calls()
    app.onWorkerStart { calls.add("start") }
    app.onWorkerStop { _ in calls.add("stop") }
    try app.test(mode) { client in calls.add(try client.get("/stream").text) }
    #expect(calls.all == ["start", "012", "stop"])
  }

  @Test func whatATestHasReplacedReachesALiveServer() throws {
    let resource = Resource { () throws -> String in "real" }
    let app = App()
    app.get("/") { _ in try resource() }
    try resource.withValue("the test's") {
      try app.test(.live) { client in expectSame(try client.get("/").text, "the test's") }
    }
    try app.test(.live) { client in expectSame(try client.get("/").text, "real") }
  }

  @Test func waitsTakeNoTimeInATestHub() throws {
    let app = app
    let elapsed = try TestHub.run { () throws -> Duration? in
      try app.test { client in expectSame(try client.get("/slow").text, "done") }
      return TestHub.elapsed
    }
    let time = try #require(elapsed)
    #expect(time >= .seconds(3600))
  }
}
