public import GreenHTTP
public import HTTPTypes

/// A view with a function for each method.
///
/// ```swift
/// struct Notes: MethodView {
///   static let methods: [HTTPRequest.Method] = [.get, .post]
///   let store: Store
///   func get(_ request: Request) throws -> Response { … }
///   func post(_ request: Request) async throws -> Response { … }
/// }
/// app.add(Notes(store: store), at: "/notes")
/// ```
///
/// `HEAD` is answered by `get` where there is no `head(_:)-3bkxr`, and `OPTIONS` by the framework. What is listed in
/// ``methods`` and not written is answered with `405`.
public protocol MethodView: SendableMetatype {
  /// The methods that the view answers.
  static var methods: [HTTPRequest.Method] { get }

  /// Answers `GET`; with `405` unless written.
  func get(_ request: Request) async throws -> Response
  /// Answers `HEAD`; as `get` unless written.
  func head(_ request: Request) async throws -> Response
  /// Answers `POST`; with `405` unless written.
  func post(_ request: Request) async throws -> Response
  /// Answers `PUT`; with `405` unless written.
  func put(_ request: Request) async throws -> Response
  /// Answers `PATCH`; with `405` unless written.
  func patch(_ request: Request) async throws -> Response
  /// Answers `DELETE`; with `405` unless written.
  func delete(_ request: Request) async throws -> Response
}

extension MethodView {
  /// `405 (Method Not Allowed)`.
  public func get(_ request: Request) async throws -> Response { throw HTTPError(.methodNotAllowed) }
  /// The answer of ``get(_:)``.
  public func head(_ request: Request) async throws -> Response { try await get(request) }
  /// `405 (Method Not Allowed)`.
  public func post(_ request: Request) async throws -> Response { throw HTTPError(.methodNotAllowed) }
  /// `405 (Method Not Allowed)`.
  public func put(_ request: Request) async throws -> Response { throw HTTPError(.methodNotAllowed) }
  /// `405 (Method Not Allowed)`.
  public func patch(_ request: Request) async throws -> Response { throw HTTPError(.methodNotAllowed) }
  /// `405 (Method Not Allowed)`.
  public func delete(_ request: Request) async throws -> Response { throw HTTPError(.methodNotAllowed) }
}
