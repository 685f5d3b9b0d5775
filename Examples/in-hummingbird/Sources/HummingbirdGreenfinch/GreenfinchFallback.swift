public import Hummingbird

/// Mounts a Greenfinch application after a router's own routes: the application answers what no route matches.
///
/// ```swift
/// let router = Router(context: ConnectionContext.self)
/// router.get("/plain") { _, _ in "Hello World!" }
/// router.add(middleware: GreenfinchFallback(GreenfinchResponder(app, on: hub)))
/// ```
///
/// Middleware that is added to the router before it sees the application's responses as it sees those of routes.
public struct GreenfinchFallback<Context: ConnectionRequestContext>: RouterMiddleware {
  private let responder: GreenfinchResponder<Context>

  public init(_ responder: GreenfinchResponder<Context>) { self.responder = responder }

  public func handle(
    _ request: Hummingbird.Request, context: Context,
    next: (Hummingbird.Request, Context) async throws -> Hummingbird.Response
  ) async throws -> Hummingbird.Response {
    do {
      return try await next(request, context)
    } catch let error as Hummingbird.HTTPError where error.status == .notFound && context.endpointPath == "NotFound" {
      // That path is the router's own mark: a route that throws 404 has its own there.
      return try await responder.respond(to: request, context: context)
    }
  }
}
