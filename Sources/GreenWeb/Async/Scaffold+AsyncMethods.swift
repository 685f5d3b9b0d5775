public import GreenHTTP
public import HTTPTypes

// The same for `async` functions, as ``ensureSync(_:)`` makes them blocking ones. A closure without `await` is taken for a
// blocking one.

extension Scaffold {
  /// Answers `methods` at `path` with what `handler` returns.
  public func route<Result: ResponseConvertible>(
    _ path: String, methods: [HTTPRequest.Method], _ handler: @escaping @Sendable (Request) async throws -> Result
  ) { route(path, methods: methods, ensureSync(handler)) }

  /// Answers `methods` at `path` with what `handler` returns: `[UInt8]` as bytes, `nil` with `404`, all else as JSON.
  @_disfavoredOverload
  public func route<Result: Encodable & SendableMetatype>(
    _ path: String, methods: [HTTPRequest.Method], _ handler: @escaping @Sendable (Request) async throws -> Result
  ) { route(path, methods: methods, ensureSync(handler)) }

  /// Answers `GET` at `path`.
  public func get<Result: ResponseConvertible>(
    _ path: String, _ handler: @escaping @Sendable (Request) async throws -> Result
  ) { route(path, methods: [.get], ensureSync(handler)) }

  /// Answers `GET` at `path` with what `handler` returns: `[UInt8]` as bytes, `nil` with `404`, all else as JSON.
  @_disfavoredOverload
  public func get<Result: Encodable & SendableMetatype>(
    _ path: String, _ handler: @escaping @Sendable (Request) async throws -> Result
  ) { route(path, methods: [.get], ensureSync(handler)) }

  /// Answers `POST` at `path`.
  public func post<Result: ResponseConvertible>(
    _ path: String, _ handler: @escaping @Sendable (Request) async throws -> Result
  ) { route(path, methods: [.post], ensureSync(handler)) }

  /// Answers `POST` at `path` with what `handler` returns: `[UInt8]` as bytes, `nil` with `404`, all else as JSON.
  @_disfavoredOverload
  public func post<Result: Encodable & SendableMetatype>(
    _ path: String, _ handler: @escaping @Sendable (Request) async throws -> Result
  ) { route(path, methods: [.post], ensureSync(handler)) }

  /// Answers `PUT` at `path`.
  public func put<Result: ResponseConvertible>(
    _ path: String, _ handler: @escaping @Sendable (Request) async throws -> Result
  ) { route(path, methods: [.put], ensureSync(handler)) }

  /// Answers `PUT` at `path` with what `handler` returns: `[UInt8]` as bytes, `nil` with `404`, all else as JSON.
  @_disfavoredOverload
  public func put<Result: Encodable & SendableMetatype>(
    _ path: String, _ handler: @escaping @Sendable (Request) async throws -> Result
  ) { route(path, methods: [.put], ensureSync(handler)) }

  /// Answers `PATCH` at `path`.
  public func patch<Result: ResponseConvertible>(
    _ path: String, _ handler: @escaping @Sendable (Request) async throws -> Result
  ) { route(path, methods: [.patch], ensureSync(handler)) }

  /// Answers `PATCH` at `path` with what `handler` returns: `[UInt8]` as bytes, `nil` with `404`, all else as JSON.
  @_disfavoredOverload
  public func patch<Result: Encodable & SendableMetatype>(
    _ path: String, _ handler: @escaping @Sendable (Request) async throws -> Result
  ) { route(path, methods: [.patch], ensureSync(handler)) }

  /// Answers `DELETE` at `path`.
  public func delete<Result: ResponseConvertible>(
    _ path: String, _ handler: @escaping @Sendable (Request) async throws -> Result
  ) { route(path, methods: [.delete], ensureSync(handler)) }

  /// Answers `DELETE` at `path` with what `handler` returns: `[UInt8]` as bytes, `nil` with `404`, all else as JSON.
  @_disfavoredOverload
  public func delete<Result: Encodable & SendableMetatype>(
    _ path: String, _ handler: @escaping @Sendable (Request) async throws -> Result
  ) { route(path, methods: [.delete], ensureSync(handler)) }
}
