import GreenHTTP
import GreenWeb
import SuiteSupport
import Testing

/// Starlette's `tests/middleware/test_cors.py`, and what the Fetch standard says.
@Suite(.bounded) struct CORSTests {
  private func app(_ cors: CORS, _ place: (App, CORS) -> Void = { $0.use($1) }) -> App {
    let app = App()
    app.get("/") { _ in "home" }
    app.get("/fail") { _ -> String in throw HTTPError(.conflict) }
    place(app, cors)
    return app
  }

  private func ask(_ app: App, _ method: HTTPRequest.Method = .get, _ path: String = "/", _ fields: HTTPFields) throws
    -> Response
  {
    app.respond(to: try Request(method, path, headers: fields))
  }

  private func preflight(_ app: App, _ path: String = "/", origin: String = "https://a.example", headers: String? = nil)
    throws -> Response
  {
    var fields: HTTPFields = [.origin: origin, .accessControlRequestMethod: "POST"]
    fields[.accessControlRequestHeaders] = headers
    return try ask(app, .options, path, fields)
  }

  @Test func anyOriginMayAskWhereAllMay() throws {
    let app = app(CORS(origins: ["*"], exposed: [.eTag]))
    let response = try ask(app, .get, "/", [.origin: "https://a.example"])
    #expect(response.text == "home" && response.headers[.accessControlAllowOrigin] == "*")
    #expect(response.headers[.accessControlExposeHeaders] == "ETag" && response.headers[.vary] == nil)
    #expect(response.headers[.accessControlAllowCredentials] == nil)
    let answer = try preflight(app, headers: "X-One, X-Two")
    #expect(answer.status == .noContent && answer.headers[.accessControlAllowOrigin] == "*")
    #expect(answer.headers[.accessControlAllowHeaders] == "X-One, X-Two")
    #expect(answer.headers[.accessControlAllowMethods] == "GET, HEAD, POST, PUT, PATCH, DELETE")
    #expect(answer.headers[.accessControlMaxAge] == "600")
  }

  @Test func anOriginThatIsListedIsNamed() throws {
    let app = app(CORS(origins: ["https://a.example"], headers: [.contentType], credentials: true))
    let response = try ask(app, .get, "/", [.origin: "https://a.example"])
    #expect(response.headers[.accessControlAllowOrigin] == "https://a.example")
    #expect(response.headers[.accessControlAllowCredentials] == "true" && response.headers[.vary] == "Origin")
    let answer = try preflight(app, headers: "X-Other")
    #expect(answer.headers[.accessControlAllowHeaders] == "Content-Type")
    #expect(answer.headers[.vary]?.contains("Origin") == true)
  }

  @Test(arguments: [
    "https://b.example", "http://a.example", "https://a.example.evil", "https://evila.example", "null",
    "https://a.example:8443",
  ])
  func anOriginThatIsNotListedIsNotNamed(origin: String) throws {
    let app = app(CORS(origins: ["https://a.example"]))
    let response = try ask(app, .get, "/", [.origin: origin])
    #expect(response.text == "home" && response.headers[.accessControlAllowOrigin] == nil)
    #expect(response.headers[.vary] == "Origin")
    let answer = try preflight(app, origin: origin)
    #expect(answer.status == .forbidden && answer.headers[.accessControlAllowOrigin] == nil)
  }

  @Test func aRequestOfTheSiteItselfVariesToo() throws {
    let response = try ask(app(CORS(origins: ["https://a.example"])), .get, "/", [:])
    #expect(response.text == "home" && response.headers[.accessControlAllowOrigin] == nil)
    #expect(response.headers[.vary] == "Origin")
  }

  @Test(arguments: [
    ("https://x.a.example", true), ("https://x.y.a.example", true), ("https://a.example", false),
    ("https://xa.example", false), ("https://evil/.a.example", false), ("http://x.a.example", false),
  ])
  func hostsBelowAnotherMayBeListed(origin: String, isAllowed: Bool) throws {
    let response = try ask(app(CORS(origins: ["https://*.a.example"])), .get, "/", [.origin: origin])
    #expect((response.headers[.accessControlAllowOrigin] == origin) == isAllowed)
  }

  @Test func errorsHaveTheFieldsWhereverItIsUsed() throws {
    let cors = CORS(origins: ["https://a.example"])
    let origin: HTTPFields = [.origin: "https://a.example"]
    let own = app(cors)
    for path in ["/fail", "/none"] {
      let response = try ask(own, .get, path, origin)
      #expect(response.headers[.accessControlAllowOrigin] == "https://a.example", "\(path)")
    }
    let whole = App()
    let part = Blueprint("part")
    part.use(cors)
    part.get("/fail") { _ -> String in throw HTTPError(.conflict) }
    whole.register(part, at: "/part")
    whole.get("/other") { _ in "x" }
    for path in ["/part/fail", "/part/none"] {
      let response = try ask(whole, .get, path, origin)
      #expect(response.headers[.accessControlAllowOrigin] == "https://a.example", "\(path)")
    }
    #expect(try preflight(whole, "/part/fail").headers[.accessControlAllowMethods] != nil)
    #expect(try ask(whole, .get, "/other", origin).headers[.accessControlAllowOrigin] == nil)
  }

  @Test func optionsThatAskForNothingAreAsBefore() throws {
    let response = try ask(app(CORS(origins: ["*"])), .options, "/", [.origin: "https://a.example"])
    #expect(response.headers[.allow] == "GET, HEAD, OPTIONS")
  }

  @Test func whatVariesAlreadyVariesByOriginToo() throws {
    let app = app(CORS(origins: ["https://a.example"]))
    app.get("/vary") { _ in Response("x").withHeader(.vary, "Accept-Encoding") }
    #expect(try ask(app, .get, "/vary", [:]).headers[.vary] == "Accept-Encoding, Origin")
  }
}
