import Green
import GreenHTTP
import GreenWeb
import InMemoryLogging
import SuiteSupport
import TestSupport
import Testing

private struct Oops: Error {}

private struct Noting: Middleware {
  let name: String
  let calls: Calls

  func respond(to request: Request, next: Next) throws -> Response {
    calls.add("> \(name)")
    defer { calls.add("< \(name)") }
    return try next(request)
  }
}

private struct Suspending: AsyncMiddleware {
  let calls: Calls

  func respond(to request: Request, next: Next) async throws -> Response {
    calls.add("> async")
    await Task.yield()
    let response = try next(request)
    await Task.yield()
    calls.add("< async")
    return response
  }
}

@Suite(.bounded) struct MiddlewareTests {
  /// An application with everything, whose calls are noted.
  private func everything(_ calls: Calls) -> App {
    let app = App()
    let (outer, inner) = (Blueprint("outer"), Blueprint("inner"))
    inner.get("/fail") { _ -> String in throw Oops() }.use(Noting(name: "route", calls: calls))
    inner.get("/{id}") { (request, id: Int) in
      calls.add("handler")
      request.afterThisRequest { response in
        calls.add("after this")
        return response
      }
      return "\(id)"
    }.use(Noting(name: "route", calls: calls))
    outer.register(inner, at: "/inner")
    app.register(outer, at: "/outer")
    for (name, scaffold) in [("app", app as any Scaffold), ("outer", outer), ("inner", inner)] {
      scaffold.use(Noting(name: "\(name) 1", calls: calls), Noting(name: "\(name) 2", calls: calls))
      scaffold.beforeRequest { _ -> Void in calls.add("before \(name)") }
      scaffold.urlPreprocessor { _ in calls.add("url \(name)") }
      scaffold.afterRequest { _, response in
        calls.add("after \(name)")
        return response
      }
      scaffold.teardownRequest { _, _ in calls.add("teardown \(name)") }
      scaffold.errorHandler(Oops.self) { _, _ in
        calls.add("error \(name)")
        return "handled"
      }
    }
    app.teardownAppContext { _ in calls.add("context") }
    return app
  }

  @Test func theOrderOfEverything() throws {
    let calls = Calls()
    let app = everything(calls)
    #expect(try app.ask("/outer/inner/7").text == "7")
    #expect(
      calls.take() == [
        "> app 1", "> app 2", "url app", "url outer", "url inner", "before app", "before outer", "before inner",
        "> outer 1",
        "> outer 2", "> inner 1", "> inner 2", "> route", "handler", "< route", "< inner 2", "< inner 1", "< outer 2",
        "< outer 1", "after this", "after inner", "after outer", "after app", "teardown inner", "teardown outer",
        "teardown app", "context", "< app 2", "< app 1",
      ])
  }

  @Test func errorsPassTheBlueprintsMiddlewareAndAreAnsweredForTheApplications() throws {
    let calls = Calls()
    let app = everything(calls)
    #expect(try app.ask("/outer/inner/fail").text == "handled")
    #expect(
      calls.take().filter { !$0.hasPrefix("url") && !$0.hasPrefix("before") && !$0.hasPrefix("teardown") } == [
        "> app 1", "> app 2", "> outer 1", "> outer 2", "> inner 1", "> inner 2", "> route", "< route", "< inner 2",
        "< inner 1", "< outer 2", "< outer 1", "error inner", "after inner", "after outer", "after app", "context",
        "< app 2", "< app 1",
      ])
  }

  @Test func middlewareIsForRoutesThatWereAddedBeforeItToo() throws {
    let app = App()
    let part = Blueprint("part")
    let route = part.get("/") { _ in "x" }
    app.register(part, at: "/part")
    app.get("/") { _ in "y" }
    #expect(try app.ask("/part").text == "x" && app.ask("/").text == "y")
    route.use { request, next in Response(try next(request).text + "1") }
    #expect(try app.ask("/part").text == "x1" && app.ask("/").text == "y")
    part.use { request, next in Response(try next(request).text + "2") }
    #expect(try app.ask("/part").text == "x12" && app.ask("/").text == "y")
    app.use { request, next in Response(try next(request).text + "3") }
    #expect(try app.ask("/part").text == "x123" && app.ask("/").text == "y3")
  }

  @Test func theApplicationsMiddlewareSeesEveryAnswer() throws {
    let app = App()
    let log = InMemoryLogHandler()
    app.logger = Logger(label: "test") { _ in log }
    app.get("/fail") { _ -> String in throw Oops() }
    app.get("/gone") { _ -> String in throw HTTPError(.gone) }
    app.use { request, next in try next(request).withHeader(.server, "\(request.route ?? "none")") }
    func ask(_ method: String, _ path: String) throws -> String {
      let response = try app.ask(method, path)
      return "\(response.status.code) \(response.headers[.server] ?? "-")"
    }
    #expect(try ask("GET", "/fail") == "500 /fail" && ask("GET", "/gone") == "410 /gone")
    #expect(try ask("GET", "/none") == "404 none" && ask("POST", "/gone") == "405 none")
    #expect(try ask("OPTIONS", "/gone") == "200 none")
    let refused = app.respond(to: try Request(.post, "/fail"), refusedWith: HTTPError(.contentTooLarge))
    #expect(refused.status == .contentTooLarge && refused.headers[.server] == "none")
  }

  @Test func whatMiddlewareThrowsIsAnsweredAtOnceAndGoesOnOutward() throws {
    let app = App()
    app.get("/") { _ in "x" }
    app.errorHandler(.forbidden) { _, _ in "not you" }
    app.use { request, next in try next(request).withHeader(.server, "outer") }
    app.use { request, next in
      if request.path == "/" { throw HTTPError(.forbidden) }
      return try next(request)
    }
    let response = try app.ask("/")
    #expect(response.status == .forbidden && response.text == "not you" && response.headers[.server] == "outer")
  }

  @Test func middlewareMayAnswerItself() throws {
    let app = App()
    app.get("/") { _ -> String in
      Issue.record("called")
      return ""
    }
    app.use { _, _ in Response("mine") }
    #expect(try app.ask("/").text == "mine")
  }

  @Test func middlewareMayBeAsync() throws {
    let calls = Calls()
    let app = App()
    app.get("/") { _ in "x" }.use { request, next in
      await Task.yield()
      return Response(try next(request).text + "y")
    }
    app.use(Suspending(calls: calls))
    app.use { request, next in
      await Task.yield()
      return try next(request)
    }
    #expect(try app.ask("/").text == "xy")
    let text = try onHub { try app.ask("/").text }
    #expect(text == "xy")
    #expect(calls.all == ["> async", "< async", "> async", "< async"])
  }

  @Test func theTimeOfARequestEndsWhatFollowsAnAsyncMiddleware() throws {
    let app = App()
    let log = InMemoryLogHandler()
    app.logger = Logger(label: "test") { _ in log }
    app.get("/blocking") { _ -> String in
      try Fiber.sleep(for: .seconds(1000))
      return "late"
    }
    app.get("/async") { _ in
      try await Task.sleep(for: .seconds(1000))
      return "late"
    }
    app.get("/route") { _ -> String in
      try Fiber.sleep(for: .seconds(1000))
      return "late"
    }.use(Suspending(calls: Calls())).use { request, next in
      await Task.yield()
      return try next(request)
    }
    app.use(Suspending(calls: Calls()))
    app.use { request, next in
      await Task.yield()
      return try next(request)
    }
    for path in ["/blocking", "/async", "/route"] {
      let status = try onHub { try withTimeout(.milliseconds(20)) { try app.ask(path).status } }
      #expect(status == .internalServerError, "\(path)")
    }
  }

  @Test func whatFollowsAnAsyncMiddlewareHasTheDeadlineOfTheRequest() throws {
    let app = App()
    app.get("/") { _ -> String in
      let child = Fiber.spawn { try Fiber.sleep(for: .seconds(1000)) }
      do {
        try Fiber.sleep(for: .seconds(1000))
        return "late"
      } catch is TimeoutError {
        // What the handler has begun has it too.
        withShield { _ = #expect(throws: TimeoutError.self) { try child.value } }
        return Fiber.currentDeadline == .never ? "no deadline" : "in place of it"
      }
    }
    for _ in 0..<3 {
      let text = try onHub { try withTimeout(.milliseconds(20)) { try app.ask("/").text } }
      #expect(text == "in place of it")
      app.use { request, next in
        await Task.yield()
        return try next(request)
      }
    }
  }

  @Test func middlewareSeesTheRouteItsParametersAndValues() throws {
    let app = App()
    let key = RequestKey("none")
    app.get("/users/{id}/x") { request in request[key] }
    app.use { request, next in
      request[key] = "\(request.route ?? "-") \(request.parameters["id"] ?? "-")"
      return try next(request)
    }
    #expect(try app.ask("/users/7/x").text == "/users/{id}/x 7")
  }

  @Test func aMiddlewareIsTriedWithoutAnApplication() throws {
    let calls = Calls()
    let middleware = Noting(name: "m", calls: calls)
    let response = try middleware.respond(to: try Request(.get, "/"), next: Next { _ in Response("end") })
    #expect(response.text == "end" && calls.all == ["> m", "< m"])
  }

  @Test func anotherRequestThatIsPassedOnIsRoutedAnew() throws {
    let app = App()
    app.get("/new/{id}") { (request, id: Int) in "\(id) \(request.route ?? "-")" }
    app.use { request, next in
      request.path.hasPrefix("/old/") ? try next(Request(.get, "/new/\(request.path.dropFirst(5))")) : try next(request)
    }
    #expect(try app.ask("/old/7").text == "7 /new/{id}")
  }
}

@Suite(.bounded) struct AfterThisRequestTests {
  @Test func hooksOfOneRequestAreForItAlone() throws {
    let app = App()
    app.get("/{name}") { (request, name: String) in
      if name == "set" { request.afterThisRequest { $0.withHeader(.server, "set") } }
      return "x"
    }
    app.get("/plain") { request in
      request.afterThisRequest { response async in response.withHeader(.server, "plain") }
      return "x"
    }
    #expect(try app.ask("/set").headers[.server] == "set")
    #expect(try app.ask("/other").headers[.server] == nil)
    #expect(try app.ask("/plain").headers[.server] == "plain")
  }

  @Test func theyAreCalledAfterAnErrorToo() throws {
    let app = App()
    app.get("/") { request -> String in
      request.afterThisRequest { $0.withHeader(.server, "set") }
      throw HTTPError(.conflict)
    }
    let response = try app.ask("/")
    #expect(response.status == .conflict && response.headers[.server] == "set")
  }
}
