internal import Green
public import GreenHTTP
internal import GreenTasks

/// A ``Middleware`` that is written as an `async` function.
public protocol AsyncMiddleware: Middleware {
  /// Answers a request, as a rule by calling `next`, which is no `async` function: it waits as blocking code does. What ends the
  /// waits of the request, the time that it may take, ends those of what follows too.
  func respond(to request: Request, next: Next) async throws -> Response
}

extension AsyncMiddleware {
  /// Calls the `async` function, and parks until it has ended.
  public func respond(to request: Request, next: Next) throws -> Response {
    let next = next.inTask
    return try Fiber.await { () async throws -> Response in try await self.respond(to: request, next: next) }
  }
}
