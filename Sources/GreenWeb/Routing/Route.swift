public import GreenHTTP
public import HTTPTypes

/// A route that was added: to name it, limit it, put middleware around it, and make its URL.
///
/// ```swift
/// let note = app.get("/notes/{id}") { (_, id: Int) in try notes.find(id) }
///   .named("note").limit(body: 1 << 20).use(RateLimit(5, per: .seconds(1)))
/// note.path(7)   // "/notes/7"
/// ```
public struct Route<each Input: HandlerInput>: Sendable {
  let record: RouteRecord

  @usableFromInline
  init(_ record: RouteRecord) { self.record = record }

  /// Gives the route a name, by which ``App/url(for:_:)`` finds it.
  @discardableResult
  public func named(_ name: String) -> Self { changed { $0.name = name } }

  /// Limits the requests of the route.
  ///
  /// - Parameters:
  ///   - body: how many bytes their bodies may have, whatever `--limit-request-body` says; 0 for any number. A longer
  ///     one is answered with `413` without being read.
  ///   - time: how long they may take from the first hook to the answer's head; in a fiber every wait ends then, and
  ///     the answer is `503`. A handler that answers all the same has done its work, and its answer is sent: after a loop over
  ///     an `AsyncStream`, which ends without an error then, it calls `try Task.checkCancellation()`.
  @discardableResult
  public func limit(body: Int? = nil, time: Duration? = nil) -> Self {
    changed { settings in
      if let body { settings.bodyLimit = max(0, body) }
      if let time { settings.timeLimit = time }
    }
  }

  /// Puts middleware around the handler, inside that of blueprints. The first that is added is the outermost.
  @discardableResult
  public func use(_ middleware: any Middleware...) -> Self { changed { $0.middleware += middleware } }

  /// As ``use(_:)-(Middleware...)`` for a function.
  @discardableResult
  public func use(_ middleware: @escaping @Sendable (Request, Next) throws -> Response) -> Self {
    use(MiddlewareFunction(function: middleware))
  }

  /// As ``use(_:)-(Middleware...)`` for an `async` function.
  @discardableResult
  public func use(_ middleware: @escaping @Sendable (Request, Next) async throws -> Response) -> Self {
    use(AsyncMiddlewareFunction(function: middleware))
  }

  /// Says what the route is for, where documentation is made of an application.
  ///
  /// - Parameters:
  ///   - summary: one line.
  ///   - description: more than that.
  ///   - tags: what it is listed under.
  ///   - status: what it is answered with where all is well.
  ///   - errors: what it may be answered with else, beside what follows from its inputs.
  ///   - isHidden: whether it is left out.
  @discardableResult
  public func documented(
    _ summary: String = "", description: String = "", tags: [String] = [], status: HTTPResponse.Status = .ok,
    errors: [HTTPResponse.Status] = [], isHidden: Bool = false
  ) -> Self {
    changed {
      $0.documentation = RouteDocumentation(
        summary: summary, description: description, tags: tags, status: status, errors: errors, isHidden: isHidden)
    }
  }

  private func changed(_ body: (inout RouteRecord.Settings) -> Void) -> Self {
    record.change(body)
    return self
  }
}

/// What ``Route/documented(_:description:tags:status:errors:isHidden:)`` has said.
package struct RouteDocumentation: Sendable {
  package var summary: String
  package var description: String
  package var tags: [String]
  package var status: HTTPResponse.Status
  package var errors: [HTTPResponse.Status]
  package var isHidden: Bool
}
