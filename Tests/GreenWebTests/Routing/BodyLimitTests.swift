import GreenHTTP
import GreenWeb
import SuiteSupport
import Testing

/// Routes with limits of their own.
@Suite(.bounded) struct BodyLimitTests {
  private func limit(_ app: App, _ path: String) throws -> Int? { try app.bodyLimit(for: Request(.post, path)) }

  @Test func aRouteHasTheLimitThatItWasAddedWith() throws {
    let app = App()
    app.post("/plain") { _ in "" }
    app.limit(body: 5).post("/small") { _ in "" }
    app.limit(body: 0).post("/any/{name}") { _ in "" }
    let blueprint = Blueprint("b")
    blueprint.limit(body: 7).post("/inside") { _ in "" }
    app.register(blueprint, at: "/b")
    #expect(try limit(app, "/plain") == nil && limit(app, "/none") == nil)
    #expect(try limit(app, "/small") == 5 && limit(app, "/any/x") == 0 && limit(app, "/b/inside") == 7)
  }

  @Test func hooksAreThoseOfTheApplication() throws {
    let app = App()
    let limited = app.limit(body: 5)
    limited.post("/small") { _ in "handler" }
    limited.beforeRequest { _ in Response("hook") }
    #expect(try app.respond(to: Request(.post, "/small")).body == .string("hook"))
  }
}
