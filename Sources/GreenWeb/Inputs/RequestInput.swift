public import GreenHTTP

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
