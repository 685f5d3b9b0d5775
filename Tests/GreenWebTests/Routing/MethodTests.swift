import GreenHTTP
import GreenWeb
import SuiteSupport
import Testing

@Suite(.bounded) struct MethodTests {
  private let app: App = {
    let app = App()
    app.get("/a") { "\($0.method)" }
    app.post("/a") { "\($0.method)" }
    app.put("/a") { "\($0.method)" }
    app.patch("/a") { "\($0.method)" }
    app.delete("/a") { "\($0.method)" }
    app.route("/b", methods: [.post, HTTPRequest.Method("PURGE")!]) { "\($0.method)" }
    return app
  }()

  @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE"])
  func eachMethodHasItsHandler(method: String) throws {
    #expect(try app.ask(method, "/a").text == method)
  }

  @Test func headIsAnsweredByGet() throws {
    #expect(try app.ask("HEAD", "/a").text == "HEAD")
    #expect(try app.ask("HEAD", "/b").status == .methodNotAllowed)
  }

  @Test func anyTokenCanBeAMethod() throws {
    #expect(try app.ask("PURGE", "/b").text == "PURGE")
    #expect(try app.ask("PURGE", "/a").status == .methodNotAllowed)
    #expect(try app.ask("OTHER", "/b").status == .methodNotAllowed)
  }

  @Test func anEndpointForAnotherSuchMethodHidesNone() throws {
    let app = App()
    let (propfind, purge) = (HTTPRequest.Method("PROPFIND")!, HTTPRequest.Method("PURGE")!)
    app.route("/files/{path...}", methods: [propfind]) { "all \($0.parameters["path"] ?? "")" }
    app.route("/files/special", methods: [purge]) { _ in "special" }
    app.route("/files/{id:int}", methods: [purge]) { "number \($0.parameters["id"] ?? "")" }
    app.route("/files/{name}", methods: [propfind]) { "one \($0.parameters["name"] ?? "")" }
    #expect(try app.ask("PROPFIND", "/files/special").text == "one special")
    #expect(try app.ask("PURGE", "/files/special").text == "special")
    #expect(try app.ask("PROPFIND", "/files/7").text == "one 7" && app.ask("PURGE", "/files/7").text == "number 7")
    #expect(try app.ask("PROPFIND", "/files/a/b").text == "all a/b")
    #expect(try app.ask("PURGE", "/files/x").status == .methodNotAllowed)
    #expect(try app.ask("LINK", "/files/special").headers[.allow] == "PURGE, PROPFIND, OPTIONS")
  }

  @Test func optionsSaysWhatIsAllowed() throws {
    #expect(try app.ask("OPTIONS", "/a").headers[.allow] == "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS")
    #expect(try app.ask("OPTIONS", "/b").headers[.allow] == "POST, PURGE, OPTIONS")
    #expect(try app.ask("OPTIONS", "/b").status == .ok)
    #expect(try app.ask("OPTIONS", "/c").status == .notFound)
    #expect(try app.ask("OPTIONS", "*").headers[.allow] == "GET, HEAD, POST, PUT, DELETE, PATCH, PURGE, OPTIONS")
  }

  @Test func optionsCanHaveAHandler() throws {
    let app = App()
    app.route("/", methods: [.options]) { _ in "mine" }
    #expect(try app.ask("OPTIONS", "/").text == "mine")
  }

  @Test func whatIsNotAllowedIsToldWhatIs() throws {
    let response = try app.ask("GET", "/b")
    #expect(response.status == .methodNotAllowed)
    #expect(response.headers[.allow] == "POST, PURGE, OPTIONS")
    #expect(response.text == "Method Not Allowed")
  }

  @Test func whatIsNotThereIsNotFound() throws {
    #expect(try app.ask("/nowhere").status == .notFound)
    #expect(try app.ask("/nowhere").text == "Not Found")
  }
}
