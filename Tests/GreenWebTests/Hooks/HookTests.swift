import Green
import GreenHTTP
import GreenTasks
import GreenWeb
import SuiteSupport
import TestSupport
import Testing

private struct Oops: Error {}
private class Fault: Error, @unchecked Sendable {}
private final class SpecialFault: Fault, @unchecked Sendable {}

@Suite(.bounded) struct HookTests {
  @Test func hooksAreCalledInFlasksOrder() throws {
    let calls = Calls()
    let app = App()
    let outer = Blueprint("outer")
    let inner = Blueprint("inner")
    for (name, scaffold) in [("app", app as any Scaffold), ("outer", outer), ("inner", inner)] {
      for number in 1...2 {
        scaffold.beforeRequest { _ -> Void in calls.add("before \(name) \(number)") }
        scaffold.afterRequest { _, response in
          calls.add("after \(name) \(number)")
          return response
        }
        scaffold.teardownRequest { _, _ in calls.add("teardown \(name) \(number)") }
      }
    }
    app.teardownAppContext { _ in calls.add("context") }
    inner.get("/") { _ in
      calls.add("view")
      return "inner"
    }
    outer.register(inner, at: "/inner")
    app.register(outer, at: "/outer")
    #expect(try app.ask("/outer/inner").text == "inner")
    #expect(
      calls.all == [
        "before app 1", "before app 2", "before outer 1", "before outer 2", "before inner 1", "before inner 2", "view",
        "after inner 2", "after inner 1", "after outer 2", "after outer 1", "after app 2", "after app 1",
        "teardown inner 2", "teardown inner 1", "teardown outer 2", "teardown outer 1", "teardown app 2",
        "teardown app 1", "context",
      ])
  }

  @Test func hooksThatAreAddedWhileRequestsAreServedAreCalledForThoseThatFollow() throws {
    let calls = Calls()
    let app = App()
    let blueprint = Blueprint("blueprint")
    app.get("/") { _ in "own" }
    blueprint.get("/") { _ in "blueprint's" }
    app.register(blueprint, at: "/blueprint")
    #expect(try app.ask("/").text == "own" && app.ask("/blueprint").text == "blueprint's")
    blueprint.beforeRequest { _ -> Void in calls.add("blueprint") }
    #expect(try app.ask("/").text == "own" && app.ask("/blueprint").text == "blueprint's")
    #expect(calls.all == ["blueprint"])
    app.teardownRequest { _, _ in calls.add("app") }
    #expect(try app.ask("/").text == "own" && app.ask("/blueprint").text == "blueprint's")
    #expect(calls.all == ["blueprint", "app", "blueprint", "app"])
  }

  @Test func aRouteOfABlueprintWithoutHooksHasItsErrorHandlers() throws {
    let app = App()
    let blueprint = Blueprint("blueprint")
    blueprint.errorHandler(Oops.self) { _, _ in "handled" }
    blueprint.get("/") { _ -> String in throw Oops() }
    app.register(blueprint, at: "/blueprint")
    app.get("/") { _ -> String in throw Oops() }
    #expect(try app.ask("/blueprint").text == "handled")
    #expect(try app.ask("/").status == .internalServerError)
  }

  @Test func aHookThatAnswersEndsTheRowAndTheResponseStillGoesThroughTheOthers() throws {
    let app = App()
    app.beforeRequest { _ -> Response? in Response("stopped", status: .forbidden) }
    app.beforeRequest { _ -> Void in Issue.record("called") }
    app.get("/") { _ -> String in
      Issue.record("called")
      return ""
    }
    app.afterRequest { _, response in
      var response = response
      response.headers[.server] = "hook"
      return response
    }
    let response = try app.ask("/")
    #expect(response.status == .forbidden && response.text == "stopped" && response.headers[.server] == "hook")
  }

  @Test func errorsGoToTheHandlerOfTheirTypeTheBlueprintsFirst() throws {
    let app = App()
    let part = Blueprint("part")
    app.errorHandler(Oops.self) { _, _ in "app" }
    part.errorHandler(Oops.self) { _, _ in Response("part", status: .preconditionFailed) }
    app.errorHandler(Fault.self) { _, _ in "fault" }
    app.errorHandler(SpecialFault.self) { _, _ in "special" }
    app.get("/app") { _ -> String in throw Oops() }
    app.get("/fault") { _ -> String in throw Fault() }
    app.get("/special") { _ -> String in throw SpecialFault() }
    part.get("/oops") { _ -> String in throw Oops() }
    app.register(part, at: "/part")
    #expect(try app.ask("/app").text == "app")
    #expect(try app.ask("/part/oops").status == .preconditionFailed)
    #expect(try app.ask("/fault").text == "fault")
    #expect(try app.ask("/special").text == "special")
  }

  @Test func errorsGoToTheHandlerOfTheirStatus() throws {
    let app = App()
    app.errorHandler(.notFound) { _, request in Response("nothing at \(request.rawPath)", status: .notFound) }
    app.errorHandler(.internalServerError) { error, _ in
      Response("\(error.underlying.map { type(of: $0) == Oops.self } ?? false)", status: .internalServerError)
    }
    app.get("/oops") { _ -> String in throw Oops() }
    app.get("/gone") { _ -> String in throw HTTPError(.notFound) }
    #expect(try app.ask("/none").text == "nothing at /none")
    #expect(try app.ask("/gone").text == "nothing at /gone")
    let response = try app.ask("/oops")
    #expect(response.text == "true" && response.status == .internalServerError)
    // Not an error: the methods that there are.
    #expect(try app.ask("POST", "/oops").status == .methodNotAllowed)
  }

  @Test func teardownsAreToldTheErrorAndAllAreCalled() throws {
    let calls = Calls()
    let app = App()
    app.teardownRequest { _, error in calls.add("\(error is Oops)") }
    app.teardownRequest { _, _ in throw Oops() }
    app.get("/") { _ -> String in throw Oops() }
    app.get("/well") { _ in "well" }
    _ = try app.ask("/")
    _ = try app.ask("/well")
    #expect(calls.all == ["true", "false"])
  }
}

private struct BlockingView: View {
  func dispatchRequest(_ request: Request) throws -> String { "blocking" }
}

private struct SuspendingView: View {
  let word: String

  func dispatchRequest(_ request: Request) async throws -> String {
    await Task.yield()
    return word
  }
}

private struct Notes: MethodView {
  static let methods: [HTTPRequest.Method] = [.get, .post, .put]
  let word: String

  func get(_ request: Request) throws -> Response { Response(word) }

  func post(_ request: Request) async throws -> Response {
    await Task.yield()
    return Response("posted", status: .created)
  }
}

/// Flask's `tests/test_async.py`, and both kinds mixed: each kind of callable as a coroutine.
@Suite(.bounded) struct AsyncTests {
  private func expectEverywhere(_ app: App, _ body: @escaping (App) throws -> Void) throws {
    // On a plain thread, as in sync and thread workers, and in a fiber.
    try body(app)
    try onHub { try body(app) }
  }

  @Test func everyKindOfCallableMayBeAsync() throws {
    let calls = Calls()
    let app = App()
    let part = Blueprint("part")
    app.get("/") { _ in
      await Task.yield()
      return "root"
    }
    part.get("/") { _ async in "part" }
    part.get("/error") { _ async throws -> String in
      await Task.yield()
      throw Oops()
    }
    app.get("/error") { _ async throws -> String in throw Oops() }
    for scaffold in [app as any Scaffold, part] {
      scaffold.beforeRequest { _ async throws -> Void in
        await Task.yield()
        calls.add("before")
      }
      scaffold.afterRequest { _, response async in
        await Task.yield()
        calls.add("after")
        return response
      }
      scaffold.teardownRequest { _, _ async in calls.add("teardown") }
      scaffold.urlPreprocessor { _ async in calls.add("url") }
      scaffold.errorHandler(Oops.self) { (_: Oops, _: Request) async throws -> Response in
        await Task.yield()
        return Response(status: .preconditionFailed)
      }
    }
    app.teardownAppContext { _ async in calls.add("context") }
    app.register(part, at: "/part")
    try expectEverywhere(app) { app in
      try expectSame(app.ask("/").text, "root")
      try expectSame(app.ask("/part").text, "part")
      try expectSame(app.ask("/error").status, .preconditionFailed)
      try expectSame(app.ask("/part/error").status, .preconditionFailed)
    }
    #expect(calls.all.filter { $0 == "before" }.count == 12)
    #expect(calls.all.filter { $0 == "url" }.count == 12)
    #expect(calls.all.filter { $0 == "context" }.count == 8)
  }

  @Test func blockingViewsHaveAsyncHooksAndTheOtherWayRound() throws {
    let app = App()
    app.beforeRequest { request async throws -> Response? in
      await Task.yield()
      return request.rawPath == "/stopped" ? Response("stopped") : nil
    }
    app.get("/blocking") { _ in "blocking" }
    app.get("/stopped") { _ in "not stopped" }
    let other = App()
    other.beforeRequest { _ -> Response? in nil }
    other.get("/async") { _ async in "async" }
    try expectEverywhere(app) { app in
      try expectSame(app.ask("/blocking").text, "blocking")
      try expectSame(app.ask("/stopped").text, "stopped")
    }
    try expectEverywhere(other) { try expectSame($0.ask("/async").text, "async") }
  }

  /// As Flask's: that is how a blueprint answers the questions that browsers ask before a request (CORS).
  @Test func hooksOfABlueprintSeeTheAnswerToOptionsOfItsRoutes() throws {
    let app = App()
    let api = Blueprint("api")
    api.afterRequest { _, response in
      var response = response
      response.headers[.accessControlAllowOrigin] = "*"
      return response
    }
    api.get("/notes/{id}") { _ in "note" }
    app.register(api)
    app.get("/other") { _ in "other" }
    try expectEverywhere(app) { app in
      let answer = try app.ask("OPTIONS", "/notes/7")
      expectSame(answer.headers[.accessControlAllowOrigin], "*")
      expectSame(answer.headers[.allow], "GET, HEAD, OPTIONS")
      try expectSame(app.ask("OPTIONS", "/other").headers[.accessControlAllowOrigin], nil)
      try expectSame(app.ask("DELETE", "/notes/7").headers[.accessControlAllowOrigin], nil)
    }
  }

  @Test func viewsMayBeBlockingOrAsync() throws {
    let app = App()
    app.add(BlockingView(), at: "/blocking")
    app.add(SuspendingView(word: "suspending"), at: "/suspending")
    app.add(Notes(word: "got"), at: "/notes")
    try expectEverywhere(app) { app in
      try expectSame(app.ask("/blocking").text, "blocking")
      try expectSame(app.ask("/suspending").text, "suspending")
      try expectSame(app.ask("/notes").text, "got")
      try expectSame(app.ask("POST", "/notes").status, .created)
      try expectSame(app.ask("PUT", "/notes").status, .methodNotAllowed)
      try expectSame(app.ask("DELETE", "/notes").headers[.allow], "GET, HEAD, POST, PUT, OPTIONS")
    }
  }

  @Test func extensionsMakeTheirOwnFunctionsBlocking() throws {
    let add = ensureSync { (one: Int, other: Int) async throws -> Int in
      await Task.yield()
      return one + other
    }
    try expectSame(add(1, 2), 3)
    try expectSame(onHub { try add(3, 4) }, 7)
  }
}
