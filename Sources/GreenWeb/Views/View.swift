public import GreenHTTP
public import HTTPTypes

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
  associatedtype Result: ResponseConvertible

  init()

  /// Answers a request.
  func dispatchRequest(_ request: Request) async throws -> Result
}

/// A view with a function for each method.
///
/// ```swift
/// struct Notes: MethodView {
///   static let methods: [HTTPRequest.Method] = [.get, .post]
///   init() {}
///   func get(_ request: Request) throws -> Response { … }
///   func post(_ request: Request) async throws -> Response { … }
/// }
/// ```
///
/// `HEAD` is answered by `get` where there is no `head(_:)-3bkxr`, and `OPTIONS` by the framework. What is listed in
/// ``methods`` and not written is answered with `405`.
public protocol MethodView: SendableMetatype {
  /// The methods that the view answers.
  static var methods: [HTTPRequest.Method] { get }

  init()

  func get(_ request: Request) async throws -> Response
  func head(_ request: Request) async throws -> Response
  func post(_ request: Request) async throws -> Response
  func put(_ request: Request) async throws -> Response
  func patch(_ request: Request) async throws -> Response
  func delete(_ request: Request) async throws -> Response
}

extension MethodView {
  public func get(_ request: Request) async throws -> Response { throw HTTPError(.methodNotAllowed) }
  public func head(_ request: Request) async throws -> Response { try await get(request) }
  public func post(_ request: Request) async throws -> Response { throw HTTPError(.methodNotAllowed) }
  public func put(_ request: Request) async throws -> Response { throw HTTPError(.methodNotAllowed) }
  public func patch(_ request: Request) async throws -> Response { throw HTTPError(.methodNotAllowed) }
  public func delete(_ request: Request) async throws -> Response { throw HTTPError(.methodNotAllowed) }
}

extension Scaffold {
  /// Answers `methods` at `path` by a view.
  public func add<Kind: View>(_ view: Kind.Type, at path: String, methods: [HTTPRequest.Method] = [.get]) {
    route(path, methods: methods) { (request: Request) async throws -> Response in
      try await Kind().dispatchRequest(request).response(for: request)
    }
  }

  /// Answers the view's methods at `path`.
  public func add<Kind: MethodView>(_ view: Kind.Type, at path: String) {
    for method in Kind.methods {
      route(path, methods: [method]) { (request: Request) async throws -> Response in
        let view = Kind()
        switch method {
        case .get: return try await view.get(request)
        case .head: return try await view.head(request)
        case .post: return try await view.post(request)
        case .put: return try await view.put(request)
        case .patch: return try await view.patch(request)
        case .delete: return try await view.delete(request)
        default: throw HTTPError(.methodNotAllowed)
        }
      }
    }
  }
}
