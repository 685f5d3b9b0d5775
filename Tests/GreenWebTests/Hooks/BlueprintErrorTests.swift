import GreenHTTP
import GreenWeb
import SuiteSupport
import Testing

/// Flask's `test_user_error_handler.py`, and its issues 503, 1935 and 3572.
@Suite(.bounded) struct BlueprintErrorTests {
  private struct Oops: Error {}

  @Test func aPathWithoutARouteBelongsToTheBlueprintWithTheLongestPrefix() throws {
    let app = App()
    let (outer, inner) = (Blueprint("outer"), Blueprint("inner"))
    app.errorHandler(.notFound) { _, _ in "app" }
    outer.errorHandler(.notFound) { _, _ in "outer" }
    inner.errorHandler(.notFound) { _, _ in "inner" }
    inner.get("/x") { _ in "x" }
    outer.register(inner, at: "/inner")
    app.register(outer, at: "/outer")
    for (path, text) in [
      ("/none", "app"), ("/outer/none", "outer"), ("/outer", "outer"), ("/outerx", "app"),
      ("/outer/inner/none", "inner"),
      ("/outer/inner/x/y", "inner"), ("/outer/innerx", "outer"),
    ] {
      let response = try app.ask(path)
      #expect(response.text == text && response.status == .notFound, "\(path)")
    }
  }

  @Test(arguments: [
    ("/café", "/caf%C3%A9"), ("/my notes", "/my%20notes"), ("/plain", "/pl%61in"), ("/100%", "/100%25"),
  ])
  func aPrefixIsComparedDecoded(prefix: String, sent: String) throws {
    let app = App()
    app.group(prefix) { part in
      part.get("/x") { _ in "x" }
      part.errorHandler(.notFound) { _, _ in "part" }
    }
    #expect(try app.ask(sent + "/x").text == "x" && app.ask(sent + "/none").text == "part")
    #expect(try app.ask(sent + "x/none").text == "Not Found" && app.ask("/%zz/none").text == "Not Found")
  }

  @Test func aPrefixMayHaveParameters() throws {
    let app = App()
    app.group("/users/{id}") { users in
      users.get("/x") { _ in "x" }
      users.errorHandler(.notFound) { _, request in "no \(request.path)" }
    }
    #expect(try app.ask("/users/7/none").text == "no /users/7/none")
    #expect(try app.ask("/users/").text == "Not Found")
  }

  @Test func aMethodThatIsNotAllowedIsItsErrorToo() throws {
    let app = App()
    app.group("/part") { part in
      part.get("/x") { _ in "x" }
      part.errorHandler(.methodNotAllowed) { error, _ in "only \(error.headers[.allow] ?? "")" }
    }
    let response = try app.ask("POST", "/part/x")
    #expect(response.status == .methodNotAllowed && response.text == "only GET, HEAD, OPTIONS")
  }

  @Test func theInnermostHandlerAnswersWhateverItsKind() throws {
    let app = App()
    app.errorHandler(.conflict) { _, _ in "status" }
    app.group("/part") { part in
      part.errorHandler(HTTPError.self) { error, _ in Response("type", status: error.status) }
      part.get("/") { _ -> String in throw HTTPError(.conflict) }
    }
    app.get("/") { _ -> String in throw HTTPError(.conflict) }
    #expect(try app.ask("/part").text == "type" && app.ask("/").text == "status")
  }

  @Test func aPageForAStatusHasThatStatusUnlessItSaysAnother() throws {
    let app = App()
    app.get("/") { _ -> String in throw HTTPError(.forbidden) }
    app.errorHandler(.forbidden) { _, _ in "<p>no</p>" as HTML }
    app.errorHandler(.notFound) { _, _ in Response("moved", status: .gone) }
    #expect(try app.ask("/").status == .forbidden && app.ask("/none").status == .gone)
  }

  @Test func anErrorThatIsAnAnswerIsOne() throws {
    struct Teapot: Error, ResponseConvertible {
      func response(for request: Request) -> Response { Response("short and stout", status: .init(code: 418)) }
    }
    let app = App()
    app.get("/") { _ -> String in throw Teapot() }
    #expect(try app.ask("/").status.code == 418)
    app.errorHandler(Teapot.self) { _, _ in "handled" }
    #expect(try app.ask("/").text == "handled")
  }

  @Test func beforeHooksMayReturnWhateverIsAnAnswer() throws {
    let app = App()
    app.get("/{path...}") { (_, path: String) in path }
    app.beforeRequest { request in
      if request.path == "/text" { return "stopped" }
      return nil
    }
    app.beforeRequest { request in request.path == "/status" ? HTTPResponse.Status.forbidden : nil }
    app.beforeRequest { request in
      await Task.yield()
      guard request.path == "/redirect" else { return nil }
      return Response.redirect(to: "/login")
    }
    app.beforeRequest { _ in }
    #expect(try app.ask("/text").text == "stopped" && app.ask("/status").status == .forbidden)
    #expect(try app.ask("/redirect").headers[.location] == "/login" && app.ask("/other").text == "other")
  }
}
