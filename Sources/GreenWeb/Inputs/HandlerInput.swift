/// What a handler may take after its request: parameters of the path, the query, the body, and what an application makes of a
/// request itself.
///
/// ```swift
/// app.post("/notes/{id}") { (request, id: Int, change: Body<Change>, user: User) in … }
/// ```
///
/// Inputs are made from left to right, once the hooks before the request and all middleware have let it through. Which ones a
/// handler takes is known when its route is added: so the route is checked then, and documentation can be made of it.
///
/// Types of an application's own conform to ``PathValue``, ``RequestInput`` or ``AsyncRequestInput``.
public protocol HandlerInput: Sendable, SendableMetatype {
  /// Makes the input for a request. What it throws is answered as if the handler had thrown it.
  static func take(from reader: inout InputReader) throws -> Self

  /// What it is made of.
  static var source: InputSource { get }
}
