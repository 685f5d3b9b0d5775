public import GreenHTTP
public import HTTPTypes

// Written out, as the methods of an HTTP library are looked up by name; each is one line on top of route().

extension Scaffold {
  /// Answers `GET` at `path`, and `HEAD` with the same fields and no body.
  ///
  /// `{name}` in the path stands for one segment and `{name...}`, at its end, for all that is left; see
  /// `Request.parameters`. A segment that is written out goes before one that is a parameter. A trailing slash counts.
  ///
  /// The handler is blocking code, called by many fibers or threads at once. It returns text, a status or a
  /// `Response`; an `HTTPError` it throws is the answer, any other error is logged and answered with `500`.
  @inlinable
  public func get<Result: ResponseConvertible>(
    _ path: String, _ handler: @escaping @Sendable (Request) throws -> Result
  ) { route(path, methods: [.get], handler) }

  /// Answers `GET` at `path` with what `handler` returns: `[UInt8]` as bytes, `nil` with `404`, all else as JSON.
  @_disfavoredOverload
  public func get<Result: Encodable & SendableMetatype>(
    _ path: String, _ handler: @escaping @Sendable (Request) throws -> Result
  ) { route(path, methods: [.get], handler) }

  /// Answers `POST` at `path`.
  @inlinable
  public func post<Result: ResponseConvertible>(
    _ path: String, _ handler: @escaping @Sendable (Request) throws -> Result
  ) { route(path, methods: [.post], handler) }

  /// Answers `POST` at `path` with what `handler` returns: `[UInt8]` as bytes, `nil` with `404`, all else as JSON.
  @_disfavoredOverload
  public func post<Result: Encodable & SendableMetatype>(
    _ path: String, _ handler: @escaping @Sendable (Request) throws -> Result
  ) { route(path, methods: [.post], handler) }

  /// Answers `PUT` at `path`.
  @inlinable
  public func put<Result: ResponseConvertible>(
    _ path: String, _ handler: @escaping @Sendable (Request) throws -> Result
  ) { route(path, methods: [.put], handler) }

  /// Answers `PUT` at `path` with what `handler` returns: `[UInt8]` as bytes, `nil` with `404`, all else as JSON.
  @_disfavoredOverload
  public func put<Result: Encodable & SendableMetatype>(
    _ path: String, _ handler: @escaping @Sendable (Request) throws -> Result
  ) { route(path, methods: [.put], handler) }

  /// Answers `PATCH` at `path`.
  @inlinable
  public func patch<Result: ResponseConvertible>(
    _ path: String, _ handler: @escaping @Sendable (Request) throws -> Result
  ) { route(path, methods: [.patch], handler) }

  /// Answers `PATCH` at `path` with what `handler` returns: `[UInt8]` as bytes, `nil` with `404`, all else as JSON.
  @_disfavoredOverload
  public func patch<Result: Encodable & SendableMetatype>(
    _ path: String, _ handler: @escaping @Sendable (Request) throws -> Result
  ) { route(path, methods: [.patch], handler) }

  /// Answers `DELETE` at `path`.
  @inlinable
  public func delete<Result: ResponseConvertible>(
    _ path: String, _ handler: @escaping @Sendable (Request) throws -> Result
  ) { route(path, methods: [.delete], handler) }

  /// Answers `DELETE` at `path` with what `handler` returns: `[UInt8]` as bytes, `nil` with `404`, all else as JSON.
  @_disfavoredOverload
  public func delete<Result: Encodable & SendableMetatype>(
    _ path: String, _ handler: @escaping @Sendable (Request) throws -> Result
  ) { route(path, methods: [.delete], handler) }
}
