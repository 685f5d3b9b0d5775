public import GreenHTTP

/// A view as a class or a struct: one is made for each request.
///
/// ```swift
/// struct Greeting: View {
///   init() {}
///   func dispatchRequest(_ request: Request) throws -> String { "Hello!" }
/// }
/// app.add(Greeting.self, at: "/greeting")
/// ```
///
/// The function may be `async`, or blocking.
public protocol View: SendableMetatype {
  /// What the view answers with.
  associatedtype Result: ResponseConvertible

  /// A view for one request.
  init()

  /// Answers a request.
  func dispatchRequest(_ request: Request) async throws -> Result
}
