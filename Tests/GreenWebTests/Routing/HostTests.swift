import GreenHTTP
import GreenTesting
import GreenWebTesting
import HTTPTypes
import SuiteSupport
import Testing

@testable import GreenWeb

/// Routes that are for some hosts alone: after Werkzeug's `test_routing.py` (host and subdomain matching).
@Suite(.bounded) struct HostTests {
  private func app() -> App {
    let app = App()
    app.get("/") { _ in "anybody" }
    app.get("/about") { _ in "about" }
    app.host("api.example.com") { api in
      api.get("/") { _ in "api" }
      api.get("/notes/{id}") { (_, id: Int) in "note \(id)" }
    }
    app.host("{tenant}.example.com") { site in
      site.get("/") { (_, tenant: String) in "site of \(tenant)" }
      site.get("/pages/{id}") { (_, tenant: String, id: Int) in "page \(id) of \(tenant)" }
      site.get("/names/{id}") { (request, id: Int) in "\(request.parameters["tenant"] ?? "-") \(id)" }
    }
    app.host("*.example.com") { rest in rest.get("/") { _ in "below" } }
    app.host("{all...}.shops.test") { shop in shop.get("/") { (_, all: String) in all } }
    return app
  }

  private func text(_ app: App, _ host: String, _ path: String = "/") throws -> String {
    try app.testClient(host: host).get(path).text
  }

  @Test(arguments: [
    ("api.example.com", "api"), ("API.Example.COM", "api"), ("api.example.com:8080", "api"),
    ("api.example.com.", "api"),
    ("eve.example.com", "site of eve"), ("a.b.example.com", "below"), ("example.com", "anybody"),
    ("example.com.evil.test", "anybody"), ("apiXexample.com", "anybody"), ("localhost", "anybody"),
    ("127.0.0.1:80", "anybody"), ("a.shops.test", "a"), ("a.b.c.shops.test:1", "a.b.c"), ("shops.test", "anybody"),
  ])
  func theHostSaysWhichRoutesThereAre(host: String, answer: String) throws {
    #expect(try text(app(), host) == answer)
  }

  @Test func parametersOfTheHostComeBeforeThoseOfThePath() throws {
    #expect(try text(app(), "eve.example.com", "/pages/7") == "page 7 of eve")
    #expect(try text(app(), "eve.example.com", "/names/7") == "eve 7")
    #expect(try text(app(), "api.example.com", "/notes/7") == "note 7")
  }

  @Test func whereAHostHasNoRouteTheOthersAreAsked() throws {
    #expect(try text(app(), "api.example.com", "/about") == "about")
    #expect(try text(app(), "eve.example.com", "/about") == "about")
    // The narrower host goes first, whatever else is for the path.
    #expect(try text(app(), "api.example.com", "/pages/1") == "page 1 of api")
    #expect(try app().testClient(host: "localhost").get("/notes/1").status == .notFound)
  }

  @Test func whatIsAllowedIsWhatAllOfThemAllow() throws {
    let app = app()
    app.post("/notes/{id}") { (_, id: Int) in "posted" }
    let client = app.testClient(host: "api.example.com")
    #expect(try client.post("/notes/1").text == "posted")
    let refused = try client.delete("/notes/1")
    #expect(refused.status == .methodNotAllowed && refused.headers[.allow] == "GET, HEAD, POST, OPTIONS")
    #expect(try client.options("/notes/1").headers[.allow] == "GET, HEAD, POST, OPTIONS")
    #expect(try app.testClient().options("/notes/1").headers[.allow] == "POST, OPTIONS")
  }

  @Test func aHostHasHooksAndErrorsOfItsOwn() throws {
    let app = app()
    app.errorHandler(.notFound) { _, _ in "nowhere" }
    app.host("help.example.com") { help in
      help.use { request, next in try next(request).withHeader(.server, "help") }
      help.beforeRequest { request in request.path == "/closed" ? "closed" : nil }
      help.errorHandler(.notFound) { _, _ in "no help" }
      help.get("/x") { _ in "x" }
      help.get("/closed") { _ in "open" }
      help.group("/part") { part in
        part.get("/y") { _ in "y" }
        part.errorHandler(.notFound) { _, _ in "no such part" }
      }
    }
    app.group("/common") { common in
      common.get("/z") { _ in "z" }
      common.errorHandler(.notFound) { _, _ in "nothing common" }
    }
    let client = app.testClient(host: "help.example.com")
    #expect(try client.get("/x").headers[.server] == "help")
    #expect(try client.get("/closed").text == "closed")
    #expect(try client.get("/none").text == "no help")
    #expect(try client.get("/part/none").text == "no such part")
    #expect(try client.get("/part/y").text == "y")
    #expect(try client.get("/common/z").text == "z")
    #expect(try client.get("/common/none").text == "nothing common")
    #expect(try app.testClient(host: "other.test").get("/none").text == "nowhere")
    #expect(try app.testClient(host: "other.test").get("/x").headers[.server] == nil)
    let preflight = try client.options("/x")
    #expect(preflight.status == .ok && preflight.headers[values: .server] == ["help"])
  }

  @Test func middlewareOfTheApplicationSeesWhichRouteItIs() throws {
    let app = app()
    app.use { request, next in try next(request).withHeader(.server, request.route ?? "none") }
    #expect(
      try app.testClient(host: "eve.example.com").get("/pages/1").headers[.server] == "{tenant}.example.com/pages/{id}")
    #expect(try app.testClient().get("/about").headers[.server] == "/about")
    #expect(try app.testClient().get("/none").headers[.server] == "none")
  }

  @Test func patternsThatDifferInNamesAloneKeepThem() throws {
    let app = App()
    app.host("{a}.test") { $0.get("/a") { request in request.parameters["a"] } }
    app.host("{b}.test") { $0.get("/b") { request in request.parameters["b"] } }
    #expect(try text(app, "x.test", "/a") == "x")
    #expect(try text(app, "x.test", "/b") == "x")
  }

  @Test func aValueOfAHostThatIsNotOfItsTypeIsNotFound() throws {
    let app = App()
    app.host("{number}.test") { $0.get("/") { (_, number: Int) in "\(number + 1)" } }
    #expect(try text(app, "7.test") == "8")
    #expect(try app.testClient(host: "seven.test").get("/").status == .notFound)
  }

  @Test func aBlueprintMayBeForAHostAndBelowAPath() throws {
    let app = App()
    let notes = Blueprint("notes", host: "api.test")
    notes.get("/{id}") { (_, id: Int) in "\(id)" }
    notes.errorHandler(.notFound) { _, _ in "no note" }
    app.group("/v1") { $0.register(notes, at: "/notes") }
    #expect(try text(app, "api.test", "/v1/notes/3") == "3")
    #expect(try text(app, "api.test", "/v1/notes/x/y") == "no note")
    #expect(try text(app, "api.test", "/v1/none") == "Not Found")
    #expect(try app.testClient().get("/v1/notes/3").status == .notFound)
    #expect(app.routeList == "GET  api.test/v1/notes/{id}\n")
  }

  @Test func addressesInBracketsAreHosts() throws {
    let app = App()
    app.host("[::1]") { $0.get("/") { _ in "six" } }
    app.host("127.0.0.1") { $0.get("/") { _ in "four" } }
    #expect(try text(app, "[::1]:8080") == "six")
    #expect(try text(app, "127.0.0.1:8080") == "four")
  }

  @Test func withoutAHostTheRoutesForAnyAreServed() throws {
    let app = app()
    #expect(try app.ask("/").text == "anybody")
    // An absolute target goes before the field.
    #expect(try app.ask("http://api.example.com/").text == "api")
  }

  @Test func limitsOfBodiesAreThoseOfTheHostsRoute() throws {
    let app = App()
    app.post("/") { request in try request.body.text() }
    app.host("small.test") { $0.post("/") { _ in "small" }.limit(body: 3) }
    let request = try Request(
      HTTPRequest(method: .post, scheme: "http", authority: "small.test", path: "/"), remote: "127.0.0.1:1")
    #expect(app.bodyLimit(for: request) == 3)
    #expect(app.bodyLimit(for: try Request(.post, "/")) == nil)
  }

  @Test func routesAreAddedWhileOthersAreServed() throws {
    let app = App()
    app.get("/") { _ in "any" }
    #expect(try text(app, "late.test") == "any")
    app.host("late.test") { $0.get("/") { _ in "late" } }
    #expect(try text(app, "late.test") == "late")
    #expect(try text(app, "else.test") == "any")
  }

  @Test(arguments: 1...4)
  func whateverComesHasAnAnswer(seed: UInt64) throws {
    let app = app()
    let parts = [
      "example", "com", ".", ".", "api", "*", "{tenant}", ":", "80", "[", "]", "::1", "é", "%2e", "a", "shops.test",
      " ", "/", "@",
    ]
    var random = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      let host = (0..<Int.random(in: 0...9, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
        .joined()
      guard let client = try? app.testClient(host: host).get("/") else { continue }
      #expect(client.status == .ok, "\(host)")
      #expect(!client.text.hasPrefix("site of") || HostName.of(host).hasSuffix(".example.com"), "\(host)")
    }
  }

  @Test(arguments: [
    ("", "it has no name"), ("https://x.test", "a host has neither a scheme nor a path"),
    ("x.test:80", "a port is no part of it: routes are the same at all"), ("x..test", "a part of it is empty"),
    ("{a+}.test", "it has a '+'"),
    (".test", "a part of it is empty"), ("test.", "a part of it is empty"),
    ("x.*.test", "'*' takes all labels before the others, so it must be first"),
    ("x{id}.test", "a parameter must be a whole label, as in '{name}.example.com'"),
    ("*x.test", "a parameter must be a whole label, as in '{name}.example.com'"),
    ("{a b}.test", "'a b' is not a valid name: it may have letters, digits and '_'"),
    ("{a}.{a}.test", "it has two parameters 'a'"),
    ("x.{a...}.test", "'{a...}' takes all labels before the others, so it must be first"),
    ("*", "it is any host: routes that are for no host in particular are that"),
    (
      "bücher.test",
      "'bücher' has something else than letters, digits, '-' and '_': write a name of another script as 'xn--…'"
    ),
    ("[::1", "an address in brackets has nothing behind them"),
    (
      "a b.test",
      "'a b' has something else than letters, digits, '-' and '_': write a name of another script as 'xn--…'"
    ),
  ])
  func whatIsNoHostIsRefusedWithTheReason(pattern: String, sentence: String) {
    guard case .failure(let problem) = HostPattern.parse(pattern) else {
      Issue.record("\(pattern) is taken")
      return
    }
    #expect(problem.description == "the host '\(pattern)' is malformed: \(sentence)")
  }

  @Test func aNameThatHostAndPathHaveIsRefused() throws {
    let host = try HostPattern.parse("{id}.test").get()
    let path = try RoutePattern.parse("/x/{id}").get()
    guard case .failure(let problem) = path.typed([], own: 1, host: host) else {
      Issue.record("taken")
      return
    }
    #expect(problem.description == "the route '/x/{id}' has a parameter 'id', and so has its host '{id}.test'")
  }

  @Test func hostsThatAreNotServedAreFound() {
    let app = app()
    #expect(app.setUpFaults.isEmpty)
    app.hosts = ["example.com", "*.shops.test"]
    #expect(app.setUpFaults == ["routes are for the host 'api.example.com', which app.hosts does not list"])
    app.hosts = ["*.example.com"]
    #expect(app.setUpFaults.isEmpty)
    // As they stand in addresses.
    app.hosts = ["API.example.com:8080", "example.com."]
    #expect(app.setUpFaults.isEmpty)
  }
}
