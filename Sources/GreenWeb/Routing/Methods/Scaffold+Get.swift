public import GreenHTTP
public import HTTPTypes

extension Scaffold {
  /// Answers `GET` at `path`, and `HEAD` with the same fields and no body.
  ///
  /// `{name}` in the path stands for one segment and `{name...}`, at its end, for all that is left. The handler takes them by
  /// their types, in order, or asks `Request.parameters`. A segment that is written out goes before one that is a parameter. A
  /// trailing slash counts.
  ///
  /// ```swift
  /// app.get("/notes/{id}") { (request, id: Int) in try notes.find(id) }
  /// ```
  ///
  /// The handler is blocking code, called by many fibers or threads at once. It returns what is sent: text, ``HTML``, a status,
  /// a `Response`; an `HTTPError` it throws is the answer, any other error is logged and answered with `500`. Further parameters
  /// of it are made of the request: see ``HandlerInput``.
  @inlinable
  @discardableResult
  public func get<each Input: HandlerInput, Result: ResponseConvertible>(
    _ path: String, _ handler: @escaping @Sendable (Request, repeat each Input) throws -> Result
  ) -> Route<repeat each Input> { route(path, methods: [.get], handler) }

  /// Answers `GET` at `path` with what `handler` returns: bytes as bytes, `nil` with `404`, all else as JSON.
  @inlinable
  @_disfavoredOverload
  @discardableResult
  public func get<each Input: HandlerInput, Result: Encodable & SendableMetatype>(
    _ path: String, _ handler: @escaping @Sendable (Request, repeat each Input) throws -> Result
  ) -> Route<repeat each Input> { route(path, methods: [.get], handler) }

  /// As the one for blocking code, for an `async` function. A closure without `await` is taken for blocking code.
  @inlinable
  @discardableResult
  public func get<each Input: HandlerInput, Result: ResponseConvertible>(
    _ path: String, _ handler: @escaping @Sendable (Request, repeat each Input) async throws -> Result
  ) -> Route<repeat each Input> { route(path, methods: [.get], handler) }

  /// As the one for blocking code, for an `async` function. A closure without `await` is taken for blocking code.
  @inlinable
  @_disfavoredOverload
  @discardableResult
  public func get<each Input: HandlerInput, Result: Encodable & SendableMetatype>(
    _ path: String, _ handler: @escaping @Sendable (Request, repeat each Input) async throws -> Result
  ) -> Route<repeat each Input> { route(path, methods: [.get], handler) }

  /// Only there to say what is wrong with a handler that returns nothing.
  @available(
    *, unavailable,
    message:
      "a handler returns what is sent: text, HTML, an Encodable value, a Response; HTTPResponse.Status.noContent stands for an answer without content"
  )
  @discardableResult
  public func get<each Input: HandlerInput>(
    _ path: String, _ handler: @escaping @Sendable (Request, repeat each Input) throws -> Void
  ) -> Route<repeat each Input> { fatalError() }

  /// Only there to say what is wrong with a handler that returns nothing.
  @available(
    *, unavailable,
    message:
      "a handler returns what is sent: text, HTML, an Encodable value, a Response; HTTPResponse.Status.noContent stands for an answer without content"
  )
  @discardableResult
  public func get<each Input: HandlerInput>(
    _ path: String, _ handler: @escaping @Sendable (Request, repeat each Input) async throws -> Void
  ) -> Route<repeat each Input> { fatalError() }
}
