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
    app.post("/small") { _ in "" }.limit(body: 5)
    let any = app.post("/any/{name}") { _ in "" }
    let blueprint = Blueprint("b")
    let inside = blueprint.post("/inside") { _ in "" }
    app.register(blueprint, at: "/b")
    #expect(try limit(app, "/any/x") == nil && limit(app, "/b/inside") == nil)
    any.limit(body: 0)
    inside.limit(body: 7)
    #expect(try limit(app, "/plain") == nil && limit(app, "/none") == nil)
    #expect(try limit(app, "/small") == 5 && limit(app, "/any/x") == 0 && limit(app, "/b/inside") == 7)
  }
}
