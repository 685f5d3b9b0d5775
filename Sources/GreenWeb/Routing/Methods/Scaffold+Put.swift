public import GreenHTTP
public import HTTPTypes

extension Scaffold {
  /// Answers `PUT` at `path`.
  @inlinable
  @discardableResult
  public func put<each Input: HandlerInput, Result: ResponseConvertible>(
    _ path: String, _ handler: @escaping @Sendable (Request, repeat each Input) throws -> Result
  ) -> Route<repeat each Input> { route(path, methods: [.put], handler) }

  /// Answers `PUT` at `path` with what `handler` returns: bytes as bytes, `nil` with `404`, all else as JSON.
  @inlinable
  @_disfavoredOverload
  @discardableResult
  public func put<each Input: HandlerInput, Result: Encodable & SendableMetatype>(
    _ path: String, _ handler: @escaping @Sendable (Request, repeat each Input) throws -> Result
  ) -> Route<repeat each Input> { route(path, methods: [.put], handler) }

  /// As the one for blocking code, for an `async` function. A closure without `await` is taken for blocking code.
  @inlinable
  @discardableResult
  public func put<each Input: HandlerInput, Result: ResponseConvertible>(
    _ path: String, _ handler: @escaping @Sendable (Request, repeat each Input) async throws -> Result
  ) -> Route<repeat each Input> { route(path, methods: [.put], handler) }

  /// As the one for blocking code, for an `async` function. A closure without `await` is taken for blocking code.
  @inlinable
  @_disfavoredOverload
  @discardableResult
  public func put<each Input: HandlerInput, Result: Encodable & SendableMetatype>(
    _ path: String, _ handler: @escaping @Sendable (Request, repeat each Input) async throws -> Result
  ) -> Route<repeat each Input> { route(path, methods: [.put], handler) }

  /// Only there to say what is wrong with a handler that returns nothing.
  @available(
    *, unavailable,
    message:
      "a handler returns what is sent: text, HTML, an Encodable value, a Response; HTTPResponse.Status.noContent stands for an answer without content"
  )
  @discardableResult
  public func put<each Input: HandlerInput>(
    _ path: String, _ handler: @escaping @Sendable (Request, repeat each Input) throws -> Void
  ) -> Route<repeat each Input> { fatalError() }

  /// Only there to say what is wrong with a handler that returns nothing.
  @available(
    *, unavailable,
    message:
      "a handler returns what is sent: text, HTML, an Encodable value, a Response; HTTPResponse.Status.noContent stands for an answer without content"
  )
  @discardableResult
  public func put<each Input: HandlerInput>(
    _ path: String, _ handler: @escaping @Sendable (Request, repeat each Input) async throws -> Void
  ) -> Route<repeat each Input> { fatalError() }
}
