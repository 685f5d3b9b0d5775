public import Green
public import GreenHTTP
public import GreenTasks
public import HTTPTypes

// Each comes for what converts itself to a response, and for what is sent as JSON. Of a type that is both, such as String, the
// second is disfavoured, so that text is text. All are compiled with the handler, in the program that adds it: there it is known
// what it takes and returns.

extension Scaffold {
  /// Answers `methods` at `path` with what `handler` returns.
  @inlinable
  @discardableResult
  public func route<each Input: HandlerInput, Result: ResponseConvertible>(
    _ path: String, methods: [HTTPRequest.Method],
    _ handler: @escaping @Sendable (Request, repeat each Input) throws -> Result
  ) -> Route<repeat each Input> {
    let inputs = InputSource.all(of: repeat (each Input).self)
    let pathInputs = inputs.pathInputs
    // In one function, and not through `_add`: of functions that take packs the compiler makes fewer into one.
    return Route(
      _scaffold.add(path, methods, inputs, .convertible(Result.self)) { request in
        var reader = InputReader(request, pathInputs: pathInputs)
        return try handler(request, repeat (each Input).take(from: &reader)).response(for: request)
      })
  }

  /// Answers `methods` at `path` with what `handler` returns: bytes as bytes, `nil` with `404`, all else as JSON.
  @inlinable
  @_disfavoredOverload
  @discardableResult
  public func route<each Input: HandlerInput, Result: Encodable & SendableMetatype>(
    _ path: String, methods: [HTTPRequest.Method],
    _ handler: @escaping @Sendable (Request, repeat each Input) throws -> Result
  ) -> Route<repeat each Input> {
    let convert = _Conversion.function(for: Result.self)
    let inputs = InputSource.all(of: repeat (each Input).self)
    let pathInputs = inputs.pathInputs
    return Route(
      _scaffold.add(path, methods, inputs, .json(Result.self)) { request in
        var reader = InputReader(request, pathInputs: pathInputs)
        return try convert(handler(request, repeat (each Input).take(from: &reader)), request)
      })
  }

  /// As the one for blocking code, for an `async` function. A closure without `await` is taken for blocking code.
  @inlinable
  @discardableResult
  public func route<each Input: HandlerInput, Result: ResponseConvertible>(
    _ path: String, methods: [HTTPRequest.Method],
    _ handler: @escaping @Sendable (Request, repeat each Input) async throws -> Result
  ) -> Route<repeat each Input> {
    _add(path, methods, .convertible(Result.self)) { (request, input: repeat each Input) in
      try Fiber.await { try await handler(request, repeat each input) }.response(for: request)
    }
  }

  /// As the one for blocking code, for an `async` function. A closure without `await` is taken for blocking code.
  @inlinable
  @_disfavoredOverload
  @discardableResult
  public func route<each Input: HandlerInput, Result: Encodable & SendableMetatype>(
    _ path: String, methods: [HTTPRequest.Method],
    _ handler: @escaping @Sendable (Request, repeat each Input) async throws -> Result
  ) -> Route<repeat each Input> {
    let convert = _Conversion.function(for: Result.self)
    return _add(path, methods, .json(Result.self)) { (request, input: repeat each Input) in
      try convert(Fiber.await { try await handler(request, repeat each input) }, request)
    }
  }

  /// Adds a route whose handler has been brought to a response, where that takes long enough as it is.
  @inlinable
  func _add<each Input: HandlerInput>(
    _ path: String, _ methods: [HTTPRequest.Method], _ output: OutputSource,
    _ handler: @escaping @Sendable (Request, repeat each Input) throws -> Response
  ) -> Route<repeat each Input> {
    let inputs = InputSource.all(of: repeat (each Input).self)
    let pathInputs = inputs.pathInputs
    return Route(
      _scaffold.add(path, methods, inputs, output) { request in
        var reader = InputReader(request, pathInputs: pathInputs)
        return try handler(request, repeat (each Input).take(from: &reader))
      })
  }
}
