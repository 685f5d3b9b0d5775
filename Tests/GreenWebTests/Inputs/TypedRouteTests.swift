import Foundation
import GreenHTTP
import GreenWeb
import SuiteSupport
import TestSupport
import Testing

private enum Order: String, PathValue { case newest, oldest }

private struct Point: PathValue {
  var x: Int
  var y: Int

  static func from(pathValue: String) -> Point? {
    let parts = pathValue.split(separator: ",")
    guard parts.count == 2, let x = Int(parts[0]), let y = Int(parts[1]) else { return nil }
    return Point(x: x, y: y)
  }

  var pathValue: String { "\(x),\(y)" }
}

private struct User: RequestInput {
  let name: String

  init(request: Request) throws {
    guard let name = request.header(.authorization) else { throw HTTPError(.unauthorized, "log in first") }
    self.name = name
  }
}

private struct Tenant: AsyncRequestInput {
  let name: String

  init(request: Request) async throws {
    await Task.yield()
    name = request.header(.origin) ?? "none"
  }
}

private struct Page: Codable, Sendable {
  var offset: Int?
  var limit: Int
}

private struct Controller: Sendable {
  let greeting: String
  func index(_ request: Request) -> String { greeting }
  func show(_ request: Request, _ id: Int) async throws -> [String: Int] {
    await Task.yield()
    return ["id": id]
  }
}

@Suite(.bounded) struct TypedRouteTests {
  @Test func parametersAreTakenByTheirTypes() throws {
    let app = App()
    app.get("/int/{id}") { (_, id: Int) in "\(id + 1)" }
    app.get("/two/{a}/x/{b}") { (_, a: String, b: Double) in "\(a) \(b)" }
    app.get("/order/{order}") { (_, order: Order) in ["order": order.rawValue] }
    app.get("/uuid/{id}") { (_, id: UUID) in "\(id)" }
    app.get("/point/{p}") { (_, p: Point) in "\(p.x + p.y)" }
    app.get("/flag/{f}") { (_, f: Bool) in "\(!f)" }
    app.get("/rest/{path...}") { (_, path: String) in path }
    #expect(try app.ask("/int/7").text == "8" && app.ask("/int/-7").text == "-6")
    #expect(try app.ask("/two/a%20b/x/1.5").text == "a b 1.5")
    #expect(try app.ask("/order/newest").text == #"{"order":"newest"}"#)
    #expect(try app.ask("/uuid/e621e1f8-c36c-495a-93fc-0c247a3e6e5f").text == "E621E1F8-C36C-495A-93FC-0C247A3E6E5F")
    #expect(try app.ask("/point/3,4").text == "7" && app.ask("/flag/true").text == "false")
    #expect(try app.ask("/rest/a/b%2Fc").text == "a/b/c")
  }

  @Test(arguments: [
    "/int/x", "/int/1.5", "/int/99999999999999999999", "/int/%31x", "/order/random", "/uuid/7", "/point/3", "/int/",
  ])
  func whatIsNotAValidValueDoesNotMatch(path: String) throws {
    let app = App()
    app.get("/int/{id}") { (_, id: Int) in "\(id)" }
    app.get("/order/{order}") { (_, order: Order) in order.rawValue }
    app.get("/uuid/{id}") { (_, id: UUID) in "\(id)" }
    app.get("/point/{p}") { (_, p: Point) in "\(p.x)" }
    #expect(try app.ask(path).status == .notFound)
    #expect(try app.ask("POST", path).status == .notFound)
    #expect(try app.ask("OPTIONS", path).status == .notFound)
  }

  @Test func theNextRouteThatMatchesAnswers() throws {
    let app = App()
    app.get("/{name}") { (_, name: String) in "name \(name)" }
    app.get("/{id}") { (_, id: Int) in "id \(id)" }
    app.get("/{order}") { (_, order: Order) in "order \(order)" }
    app.get("/{path...}") { (_, path: String) in "path \(path)" }
    app.post("/{id}") { (_, id: Int) in "posted \(id)" }
    #expect(try app.ask("/7").text == "id 7" && app.ask("/newest").text == "order newest")
    #expect(try app.ask("/other").text == "name other" && app.ask("/a/b").text == "path a/b")
    #expect(try app.ask("POST", "/7").text == "posted 7")
    let refused = try app.ask("POST", "/x")
    #expect(refused.status == .methodNotAllowed && refused.headers[.allow] == "GET, HEAD, OPTIONS")
    #expect(try app.ask("OPTIONS", "/7").headers[.allow] == "GET, HEAD, POST, OPTIONS")
  }

  @Test func aMalformedEscapeIsABadRequestOfATypedRouteToo() throws {
    let app = App()
    app.get("/{id}") { (_, id: Int) in "\(id)" }
    #expect(try app.ask("/%zz").status == .badRequest && app.ask("/%37").text == "7")
  }

  @Test func thePatternMaySayTheType() throws {
    let app = App()
    app.get("/a/{id:int}") { request in request.parameters["id"] }
    app.get("/b/{id:int}") { (_, id: Int) in "\(id)" }
    app.get("/c/{id:uuid}") { request in request.parameters["id"] }
    #expect(try app.ask("/a/7").text == "7" && app.ask("/a/x").status == .notFound)
    #expect(try app.ask("/b/7").text == "7" && app.ask("/b/x").status == .notFound)
    #expect(try app.ask("/c/x").status == .notFound)
  }

  @Test func inputsOfEveryKindComeInAnyOrder() throws {
    let app = App()
    app.get("/{id}") { (request, user: User, id: Int, page: Query<Page>, tenant: Tenant) in
      "\(user.name) \(id) \(page.limit) \(page.offset ?? 0) \(tenant.name) \(request.path)"
    }
    app.get("/async/{id}") { (_, tenant: Tenant, id: Int) in
      await Task.yield()
      return [tenant.name: id]
    }
    let fields: HTTPFields = [.authorization: "Eve", .origin: "here"]
    func ask(_ target: String, _ fields: HTTPFields) throws -> Response {
      app.respond(to: try Request(.get, target, headers: fields))
    }
    #expect(try ask("/7?limit=5", fields).text == "Eve 7 5 0 here /7")
    #expect(try ask("/7?limit=5", [:]).status == .unauthorized)
    #expect(try ask("/x?limit=5", fields).status == .notFound)
    #expect(try ask("/7", fields).text == #"{"errors":[{"field":"limit","message":"is missing"}]}"#)
    #expect(try ask("/async/3", fields).text == #"{"here":3}"#)
    let text = try onHub { try ask("/async/3", fields).text }
    #expect(text == #"{"here":3}"#)
  }

  @Test func functionsAndMethodsAreHandlersToo() throws {
    let app = App()
    let controller = Controller(greeting: "hello")
    app.get("/", controller.index)
    app.get("/{id}", controller.show)
    #expect(try app.ask("/").text == "hello" && app.ask("/7").text == #"{"id":7}"#)
  }

  @Test func aBlueprintsHandlerTakesTheLastParametersOrAll() throws {
    let app = App()
    let posts = Blueprint("posts")
    posts.get("/{id}") { (_, id: Int) in "post \(id)" }
    posts.get("/") { request in request.parameters["user"] }
    app.register(posts, at: "/users/{user}")
    #expect(try app.ask("/users/eve/7").text == "post 7" && app.ask("/users/eve").text == "eve")
    #expect(try app.ask("/users/eve/x").status == .notFound)
    let all = Blueprint("all")
    all.get("/x/{id}") { (_, user: String, id: Int) in "\(user) \(id)" }
    app.register(all, at: "/all/{user}")
    #expect(try app.ask("/all/eve/x/7").text == "eve 7")
  }

  @Test func timesAreLimitedWhereARouteSaysSo() throws {
    let app = App()
    app.get("/slow") { _ in
      try await Task.sleep(for: .seconds(60))
      return "late"
    }.limit(time: .milliseconds(20))
    let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
    // The loop ends without an error where its task is cancelled.
    app.get("/sum") { _ in
      var sum = 0
      for await number in stream { sum += number }
      try Task.checkCancellation()
      return "\(sum)"
    }.limit(time: .milliseconds(20))
    app.get("/done") { _ in
      try? await Task.sleep(for: .seconds(60))
      return "done"
    }.limit(time: .milliseconds(20))
    for path in ["/slow", "/sum"] {
      let status = try onHub { try app.ask(path).status }
      #expect(status == .serviceUnavailable, "\(path)")
    }
    continuation.finish()
    // It has done its work in spite of its time.
    let text = try onHub { try app.ask("/done").text }
    #expect(text == "done")
  }
}

@Suite(.bounded) struct RoutePathTests {
  @Test func aRouteMakesItsPath() throws {
    let app = App()
    let note = app.get("/notes/{id}") { (_, id: Int) in "\(id)" }
    let two = app.get("/{name}/{point}") { (_, name: String, point: Point) in "\(name) \(point.x)" }
    let rest = app.get("/files/{path...}") { (_, path: String) in path }
    let plain = app.get("/plain") { _ in "" }
    #expect(note.path(7) == "/notes/7" && plain.path() == "/plain")
    #expect(two.path("a/b c?", Point(x: 1, y: 2)) == "/a%2Fb%20c%3F/1,2")
    #expect(rest.path("a/b c") == "/files/a/b%20c")
    #expect(try app.ask(two.path("a/b c?", Point(x: 1, y: 2))).text == "a/b c? 1")
  }

  @Test func thePathHasTheBlueprintsPrefix() {
    let app = App()
    let part = Blueprint("part")
    let note = part.get("/notes/{id}") { (_, id: Int) in "\(id)" }
    let root = part.get("/") { _ in "" }
    #expect(note.path(7) == "/notes/7")
    app.group("/outer") { $0.register(part, at: "/part") }
    #expect(note.path(7) == "/outer/part/notes/7" && root.path() == "/outer/part")
  }

  @Test(arguments: ["/my notes", "/100%", "/café", "/a%2Fb", "/a+b;c=d@e:f", "/<\"^`|", "/e\u{301}"])
  func whatIsWrittenOutIsEncodedToo(literal: String) throws {
    let app = App()
    let note = app.get(literal + "/{id}") { (_, id: Int) in "\(id)" }.named("note")
    let path = note.path(7)
    #expect(path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"<>\"^`|".utf8.contains($0) }, "\(path)")
    #expect(try app.url(for: "note", ["id": 7]) == path)
    #expect(try app.ask(path).text == "7")
  }

  @Test func routesAreFoundByName() throws {
    let app = App()
    app.get("/notes/{id}") { (_, id: Int) in "\(id)" }.named("note")
    app.get("/files/{name}/{path...}") { request in request.path }.named("file")
    #expect(try app.url(for: "note", ["id": 7]) == "/notes/7")
    #expect(try app.url(for: "note", ["id": 7, "from": "a b&c", "n": 1]) == "/notes/7?from=a%20b%26c&n=1")
    #expect(try app.url(for: "file", ["path": "a/b", "name": "x/y"]) == "/files/x%2Fy/a/b")
    #expect(throws: URLBuildError.self) { try app.url(for: "none") }
    #expect(throws: URLBuildError.self) { try app.url(for: "note") }
    app.get("/other/{id}") { (_, id: Int) in "\(id)" }.named("note")
    #expect(throws: URLBuildError.self) { try app.url(for: "note", ["id": 7]) }
  }
}
