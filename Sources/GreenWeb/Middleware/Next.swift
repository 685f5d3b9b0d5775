internal import Green
public import GreenHTTP
internal import GreenTasks

/// What follows in a row of middleware: the next one, and the handler in the end.
public struct Next: Sendable {
  private let responder: @Sendable (Request) throws -> Response
  /// Whether a task calls it.
  private var isInTask = false

  /// What follows, as a function: for tests of a ``Middleware``.
  public init(_ responder: @escaping @Sendable (Request) throws -> Response) { self.responder = responder }

  /// The answer of what follows. May park.
  ///
  /// In an application's middleware it throws nothing: errors have been answered. In that of a blueprint or a route it throws
  /// what the handler throws.
  public func callAsFunction(_ request: Request) throws -> Response {
    if isInTask { return try Fiber.asPartOfTask { try responder(request) } }
    return try responder(request)
  }

  /// The same for a task that the request's fiber awaits: what ends the waits of that ends those of what follows.
  var inTask: Next {
    var next = self
    next.isInTask = true
    return next
  }
}

/// Answers a request.
typealias Responder = @Sendable (Request) throws -> Response

extension [any Middleware] {
  /// The row of them around `end`, the first outermost.
  func around(_ end: @escaping Responder) -> Responder {
    reversed().reduce(end) { inner, one in
      let next = Next(inner)
      let outer: Responder = { request in try one.respond(to: request, next: next) }
      return outer
    }
  }
}

/// A middleware that is an `async` function.
struct AsyncMiddlewareFunction: AsyncMiddleware {
  let function: @Sendable (Request, Next) async throws -> Response

  func respond(to request: Request, next: Next) async throws -> Response { try await function(request, next) }
}

/// A middleware that is a function.
struct MiddlewareFunction: Middleware {
  let function: @Sendable (Request, Next) throws -> Response

  func respond(to request: Request, next: Next) throws -> Response { try function(request, next) }
}
