internal import Green
public import GreenHTTP
internal import GreenTasks

/// An input that an application makes of a request: who is logged in, a tenant, a page.
///
/// ```swift
/// struct User: RequestInput {
///   let id: Int
///   init(request: Request) throws {
///     guard let id = request.session[Keys.user] else { throw HTTPError(.unauthorized, "log in first") }
///     self.id = id
///   }
/// }
/// app.get("/me") { (_, user: User) in "\(user.id)" }   // for those alone who are logged in
/// ```
public protocol RequestInput: HandlerInput {
  /// Makes it of a request. May park. What it throws is the answer, as of a handler.
  init(request: Request) throws
}

extension RequestInput {
  public static func take(from reader: inout InputReader) throws -> Self { try Self(request: reader.request) }
  public static var source: InputSource { .request }
}

/// A ``RequestInput`` that is made by an `async` function.
public protocol AsyncRequestInput: HandlerInput {
  /// Makes it of a request. What it throws is the answer, as of a handler.
  init(request: Request) async throws
}

extension AsyncRequestInput {
  public static func take(from reader: inout InputReader) throws -> Self {
    let request = reader.request
    return try Fiber.await { try await Self(request: request) }
  }

  public static var source: InputSource { .request }
}
