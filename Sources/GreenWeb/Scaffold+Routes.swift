public import GreenHTTP
public import HTTPTypes

// Each method comes twice: for what converts itself to a response, and for what is sent as JSON. Of a type that is both,
// such as String, the second is disfavoured, so that text is text. What converts itself is compiled with its handler, in the
// program that adds it: there it is known what the handler returns.

extension Scaffold {
  /// Answers `methods` at `path` with what `handler` returns.
  @inlinable
  public func route<Result: ResponseConvertible>(
    _ path: String, methods: [HTTPRequest.Method], _ handler: @escaping @Sendable (Request) throws -> Result
  ) {
    _scaffold.add(path, methods) { request in try handler(request).response(for: request) }
  }

  /// Answers `methods` at `path` with what `handler` returns: `[UInt8]` as bytes, `nil` with `404`, all else as JSON.
  @_disfavoredOverload
  public func route<Result: Encodable & SendableMetatype>(
    _ path: String, methods: [HTTPRequest.Method], _ handler: @escaping @Sendable (Request) throws -> Result
  ) {
    let convert = Conversion.function(for: Result.self)
    _scaffold.add(path, methods) { request in try convert(handler(request)) }
  }
}
