public import GreenHTTP
public import HTTPTypes

/// What answers errors, by status and by type.
struct ErrorHandlers: Sendable {
  typealias Handler = @Sendable (any Error, Request) throws -> Response

  private struct TypeHandler: Sendable {
    let isExact: @Sendable (any Error) -> Bool
    let matches: @Sendable (any Error) -> Bool
    let handler: Handler
  }

  private var byStatus: [Int: Handler] = [:]
  private var byType: [TypeHandler] = []

  var isEmpty: Bool { byStatus.isEmpty && byType.isEmpty }

  mutating func add(_ status: HTTPResponse.Status, _ handler: @escaping Handler) { byStatus[status.code] = handler }

  mutating func add<Failure: Error>(_ type: Failure.Type, _ handler: @escaping Handler) {
    byType.append(
      TypeHandler(
        isExact: { Swift.type(of: $0) == Failure.self }, matches: { $0 is Failure }, handler: handler))
  }

  func handler(forStatus code: Int) -> Handler? { byStatus[code] }

  /// Of several that fit, the one of exactly this type, else the last that was added.
  func handler(for error: any Error) -> Handler? {
    (byType.last { $0.isExact(error) } ?? byType.last { $0.matches(error) })?.handler
  }
}

extension Scaffold {
  /// Lets `handler` answer errors of a type, and of its subclasses, that routes and hooks throw. A blueprint's handlers go
  /// before those of what it is registered on; of the same, the most exact. What it throws itself is answered with `500`.
  public func errorHandler<Failure: Error, Result: ResponseConvertible>(
    _ type: Failure.Type, _ handler: @escaping @Sendable (Failure, Request) throws -> Result
  ) {
    _scaffold.change { hooks in
      hooks.errors.add(type) { error, request in
        guard let failure = error as? Failure else { throw error }
        return try handler(failure, request).response(for: request)
      }
    }
  }

  /// Lets `handler` answer a status that would be an error's: `HTTPError` of that status, `404` of paths without a route,
  /// `405`, `500` of errors that nobody handles, whose ``/GreenHTTP/HTTPError/underlying`` is the error, and what the server itself
  /// refuses (`400`, `408`, `413`, `417`, `431`, `501`) where a request line is known. Handlers of a status go before those
  /// of types.
  public func errorHandler<Result: ResponseConvertible>(
    _ status: HTTPResponse.Status, _ handler: @escaping @Sendable (HTTPError, Request) throws -> Result
  ) {
    _scaffold.change { hooks in
      hooks.errors.add(status) { error, request in
        let failure = error as? HTTPError ?? HTTPError(status)
        return try handler(failure, request).response(for: request)
      }
    }
  }

  /// As ``errorHandler(_:_:)`` for an `async` function.
  public func errorHandler<Failure: Error, Result: ResponseConvertible>(
    _ type: Failure.Type, _ handler: @escaping @Sendable (Failure, Request) async throws -> Result
  ) { errorHandler(type, ensureSync(handler)) }

  /// As ``errorHandler(_:_:)`` for an `async` function.
  public func errorHandler<Result: ResponseConvertible>(
    _ status: HTTPResponse.Status, _ handler: @escaping @Sendable (HTTPError, Request) async throws -> Result
  ) { errorHandler(status, ensureSync(handler)) }
}
