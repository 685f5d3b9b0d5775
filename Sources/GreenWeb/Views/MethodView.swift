public import GreenHTTP
public import HTTPTypes

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
