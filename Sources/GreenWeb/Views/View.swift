public import GreenHTTP

/// A view as a class or a struct: one is made for each request, of what it needs.
///
/// ```swift
/// struct Greeting: View {
///   let words: String
///   func dispatchRequest(_ request: Request) throws -> String { "\(words), \(request.client)!" }
/// }
/// app.add(Greeting(words: "Hello"), at: "/greeting")
/// ```
///
/// The function may be `async`, or blocking.
public protocol View: SendableMetatype {
  /// What the view answers with.
  associatedtype Result: ResponseConvertible

  /// Answers a request.
  func dispatchRequest(_ request: Request) async throws -> Result
}
