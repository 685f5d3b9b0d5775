import GreenHTTP
import GreenWeb
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct RoutingTests {
  /// An application whose handlers say which route they are, and with what parameters.
  private func app(_ paths: String..., methods: [HTTPRequest.Method] = [.get]) -> App {
    let app = App()
    for path in paths {
      app.route(path, methods: methods) { request in
        let names = ["id", "name", "path", "a", "b"]
        return path + names.compactMap { name in request.parameters[name].map { " \(name)=\($0)" } }.joined()
      }
    }
    return app
  }

  /// A wide ratio: ten times the routes take ten times as long, and would take a hundred where each looked at all others.
  @Test func addingARouteCostsTheSameHoweverManyThereAre() {
    func time(_ count: Int) -> Double {
      processorSeconds {
        let app = App()
        for number in 0..<count { app.get("/items/\(number)") { _ in "" } }
      }
    }
    _ = time(100)
    #expect(min(time(20_000), time(20_000)) < min(time(2_000), time(2_000)) * 40)
  }

  @Test func theRootIsARoute() throws {
    #expect(try app("/").ask("/").text == "/")
    #expect(try app("/").ask("/?q=1").text == "/")
    #expect(try app("/").ask("http://host").text == "/")
  }

  @Test func aParameterIsOneSegmentThatIsNotEmpty() throws {
    let app = app("/users/{id}", "/users/{id}/posts/{name}")
    #expect(try app.ask("/users/7").text == "/users/{id} id=7")
    #expect(try app.ask("/users/7/posts/x").text == "/users/{id}/posts/{name} id=7 name=x")
    #expect(try app.ask("/users/").status == .notFound)
    #expect(try app.ask("/users").status == .notFound)
    #expect(try app.ask("/users/7/posts").status == .notFound)
  }

  @Test func theRestOfAPathMayHoldSlashes() throws {
    let app = app("/files/{path...}", "/{a}/x/{path...}")
    #expect(try app.ask("/files/a").text == "/files/{path...} path=a")
    #expect(try app.ask("/files/a/b/").text == "/files/{path...} path=a/b/")
    #expect(try app.ask("/files/").status == .notFound)
    #expect(try app.ask("/files").status == .notFound)
    #expect(try app.ask("/q/x/y/z").text == "/{a}/x/{path...} path=y/z a=q")
  }

  @Test func aLiteralGoesBeforeAParameterAndThatBeforeTheRest() throws {
    let app = app("/{path...}", "/a/{id}", "/a/me")
    #expect(try app.ask("/a/me").text == "/a/me")
    #expect(try app.ask("/a/you").text == "/a/{id} id=you")
    #expect(try app.ask("/a/you/x").text == "/{path...} path=a/you/x")
  }

  @Test func whereTheLiteralLeadsNowhereTheParameterIsTried() throws {
    let app = app("/users/me/x", "/users/{id}/y")
    #expect(try app.ask("/users/me/y").text == "/users/{id}/y id=me")
  }

  @Test func whereTheLiteralServesAnotherMethodTheParameterIsTried() throws {
    let app = App()
    app.get("/users/me") { _ in "me" }
    app.delete("/users/{id}") { request in try request.parameters.require("id", as: String.self) }
    #expect(try app.ask("DELETE", "/users/me").text == "me")
    #expect(try app.ask("POST", "/users/me").headers[.allow] == "GET, HEAD, DELETE, OPTIONS")
  }

  @Test func aTrailingSlashIsAnotherPath() throws {
    let app = app("/a", "/b/")
    #expect(try app.ask("/a/").status == .notFound)
    #expect(try app.ask("/b").status == .notFound)
    #expect(try app.ask("/b/").status == .ok)
    #expect(try app.ask("//a").status == .notFound)
  }

  @Test func literalsAreComparedDecodedAndParametersHandedOutDecoded() throws {
    let app = app("/café/{name}", "/files/{path...}")
    #expect(try app.ask("/caf%C3%A9/a%20b%2Fc").text == "/café/{name} name=a b/c")
    #expect(try app.ask("/files/a%2Fb/c%25").text == "/files/{path...} path=a/b/c%")
  }

  @Test func aMalformedEscapeInAParameterIsABadRequest() throws {
    let app = app("/users/{id}")
    #expect(try app.ask("/users/%zz").status == .badRequest)
    #expect(try app.ask("/users/%ff").status == .badRequest)
    #expect(try app.ask("/%zz/1").status == .notFound)
  }

  @Test func aHundredRoutesAreTold() throws {
    let app = App()
    for number in 0..<100 { app.get("/r\(number)/x") { _ in "\(number)" } }
    for number in 0..<100 { #expect(try app.ask("/r\(number)/x").text == "\(number)") }
    #expect(try app.ask("/r100/x").status == .notFound)
  }

  @Test func theLastOfManyRoutesIsAddedAsFastAsTheFirst() throws {
    func time(_ count: Int) throws -> Double {
      try processorSeconds {
        let app = App()
        for number in 0..<count { app.get("/items/\(number)/x") { _ in "\(number)" } }
        _ = try app.ask("/items/0/x")
      }
    }
    _ = try time(100)
    let few = try min(time(500), time(500), time(500))
    // Ten times as many take ten times as long; where each is compared with all, a hundred.
    let many = try min(time(5_000), time(5_000))
    #expect(many < 40 * few, "\(few) s for 500, \(many) s for 5,000")
  }

  @Test func aRouteAddedLaterIsFound() throws {
    let app = app("/a")
    #expect(try app.ask("/b").status == .notFound)
    app.get("/b") { _ in "b" }
    #expect(try app.ask("/b").text == "b")
    #expect(try app.ask("/a").text == "/a")
  }

  @Test func namesOfParametersMayDifferBetweenMethods() throws {
    let app = App()
    app.get("/{a}") { $0.parameters["a"] }
    app.post("/{b}") { $0.parameters["b"] }
    #expect(try app.ask("GET", "/x").text == "x")
    #expect(try app.ask("POST", "/y").text == "y")
  }
}
