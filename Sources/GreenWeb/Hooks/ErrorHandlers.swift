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

  /// What the handler of an error answers: the one of its status, else the one of exactly its type, else the last that was added
  /// of those that fit; `nil` where there is none.
  func response(to error: any Error, _ request: Request) throws -> Response? {
    if !byStatus.isEmpty, let status = Self.status(of: error), let handler = byStatus[status.code] {
      var response = try handler(error, request)
      // A page for 404 is not sent with 200.
      if response.status.code == 200 { response.status = status }
      return response
    }
    let handler = byType.last { $0.isExact(error) } ?? byType.last { $0.matches(error) }
    return try handler?.handler(error, request)
  }

  private static func status(of error: any Error) -> HTTPResponse.Status? {
    (error as? HTTPError)?.status ?? (error as? InvalidInput)?.status
  }
}

extension Scaffold {
  /// Lets `handler` answer errors of a type, and of its subclasses, that routes, middleware and hooks throw. A blueprint's
  /// handlers go before those of what it is registered on; of the same, those of a status before those of types, and of these
  /// the most exact. What it throws itself is answered with `500`.
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
  /// `405`, `500` of errors that nobody handles, whose ``/GreenHTTP/HTTPError/underlying`` is the error, and what the
  /// server itself refuses (`400`, `408`, `413`, `417`, `431`, `501`) where a request line is known. The answer has
  /// that status, unless it says another than `200`.
  public func errorHandler<Result: ResponseConvertible>(
    _ status: HTTPResponse.Status, _ handler: @escaping @Sendable (HTTPError, Request) throws -> Result
  ) {
    _scaffold.change { hooks in
      hooks.errors.add(status) { error, request in
        let failure = error as? HTTPError ?? HTTPError(status, underlying: error)
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
