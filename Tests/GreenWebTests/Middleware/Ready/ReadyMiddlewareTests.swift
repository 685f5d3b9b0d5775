import Green
import GreenHTTP
import GreenWeb
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct SecurityHeadersTests {
  @Test func answersHaveTheFields() throws {
    let app = App()
    app.use(SecurityHeaders())
    app.get("/") { _ in Response("x").withHeader(.xContentTypeOptions, "own") }
    let response = try app.ask("/none")
    #expect(response.headers[.xContentTypeOptions] == "nosniff")
    #expect(response.headers[.contentSecurityPolicy]?.contains("frame-ancestors 'self'") == true)
    #expect(response.headers[.init("X-Frame-Options")!] == "SAMEORIGIN")
    #expect(response.headers[.strictTransportSecurity] == nil)
    #expect(try app.ask("/").headers[values: .xContentTypeOptions] == ["own"])
    let request = HTTPRequest(method: .get, scheme: "https", authority: "a", path: "/")
    let secure = app.respond(to: try Request(request, remote: ""))
    #expect(secure.headers[.strictTransportSecurity] == "max-age=63072000; includeSubDomains")
  }
}

@Suite(.bounded) struct RateLimitTests {
  @Test func whoAsksTooOftenWaits() throws {
    try onVirtualHub {
      let app = App()
      app.get("/") { _ in "x" }.use(RateLimit(3, per: .seconds(60)) { $0.query.who ?? "" })
      func ask(_ who: String) throws -> Int { try app.ask("/?who=\(who)").status.code }
      for _ in 0..<3 { try expectSame(ask("a"), 200) }
      let refused = try app.ask("/?who=a")
      expectSame(refused.status, .tooManyRequests)
      expectSame(refused.headers[.retryAfter], "20")
      try expectSame(ask("b"), 200)
      try Fiber.sleep(for: .seconds(21))
      try expectSame(ask("a"), 200)
      try expectSame(ask("a"), 429)
      try Fiber.sleep(for: .seconds(61))
      for _ in 0..<3 { try expectSame(ask("a"), 200) }
      try expectSame(ask("a"), 429)
    }
  }

  @Test func anAsyncFunctionMaySayWhatIsCountedTogether() throws {
    let app = App()
    app.get("/") { _ in "x" }.use(
      RateLimit(1, per: .seconds(3_600)) { request in
        try await Task.sleep(for: .milliseconds(1))
        guard let who = request.query.who else { throw HTTPError(.badRequest, "who?") }
        return who
      })
    func ask(_ target: String) throws -> Int { try app.ask(target).status.code }
    let answers = try [ask("/?who=a"), ask("/?who=a"), ask("/?who=b"), ask("/")]
    #expect(answers == [200, 429, 200, 400])
  }

  @Test func theRefusalGoesToTheErrorHandlers() throws {
    let app = App()
    app.get("/") { _ in "x" }
    app.use(RateLimit(1, per: .seconds(3_600)))
    app.errorHandler(.tooManyRequests) { _, _ in "slowly" }
    _ = try app.ask("/")
    let response = try app.ask("/")
    #expect(response.text == "slowly" && response.status == .tooManyRequests)
  }

  @Test func asManyKeysAsMayBeAreKnown() {
    let store = LocalRateLimitStore(most: 10)
    for number in 0..<1_000 { #expect(store.take("\(number)", count: 1, per: .seconds(3_600)) == nil) }
    #expect(store.take("999", count: 1, per: .seconds(3_600)) != nil)
  }

  @Test(arguments: [
    ("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2:3:4:5:6", "20010db800010002"),
    ("2001:db8:1:2::1", "20010db800010002"),
    ("::1", "0000000000000000"), ("", ""), ("x:y", "x:y"),
  ])
  func aNetworkIsOneClient(client: String, name: String) {
    #expect(ClientNetwork.name(of: client) == name)
  }
}

@Suite(.bounded) struct AllowedHostsTests {
  private func status(_ host: String, _ names: [String]) throws -> Int {
    let app = App()
    app.get("/") { _ in "x" }
    app.hosts = names
    let request = HTTPRequest(method: .get, scheme: "http", authority: host, path: "/")
    return app.respond(to: try Request(request, remote: "")).status.code
  }

  @Test(arguments: [
    ("example.org", 200), ("EXAMPLE.org", 200), ("example.org:8000", 200), ("example.org.", 200), ("other.org", 400),
    ("example.org.evil.com", 400), ("notexample.org", 400), ("a.example.org", 400), ("a.example.net", 200),
    ("a.b.example.net", 200), ("example.net", 400), ("evilexample.net", 400), ("[::1]:8000", 200), ("[::2]", 400),
  ])
  func onlyHostsThatAreListedAreServed(host: String, code: Int) throws {
    #expect(try status(host, ["example.org", "*.example.net", "[::1]"]) == code)
  }

  @Test func allAreServedWhereNoneIsListed() throws {
    #expect(try status("any.example", []) == 200 && status("any.example", ["*"]) == 200)
  }
}
