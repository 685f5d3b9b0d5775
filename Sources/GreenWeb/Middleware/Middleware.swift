public import GreenHTTP

/// What lies around the answering of requests, and sees both them and their answers.
///
/// ```swift
/// struct Timing: Middleware {
///   func respond(to request: Request, next: Next) throws -> Response {
///     let start = ContinuousClock.now
///     let response = try next(request)
///     print("\(request.route ?? "no route") took \(ContinuousClock.now - start)")
///     return response
///   }
/// }
/// app.use(Timing())
/// ```
///
/// An application's middleware sees every answer: of errors, of paths without a route, of what the server refuses. That
/// of a blueprint or a route lies around its handlers alone, and what they throw passes through it. See
/// ``Scaffold/use(_:)-(Middleware...)``.
///
/// It is called by many fibers or threads at once.
public protocol Middleware: Sendable {
  /// Answers a request, as a rule by calling `next`. May park, as handlers may. What it throws is answered by the error
  /// handlers.
  func respond(to request: Request, next: Next) throws -> Response
}
