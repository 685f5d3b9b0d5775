internal import Green
public import GreenHTTP
public import HTTPTypes

extension Response {
  /// A value as JSON: with its keys in order, so that equal values are equal bytes, slashes as they are, dates as
  /// `2026-11-29T20:51:39Z` (RFC 3339), `Data` in Base64. Encoded on a stack of 8 MB.
  ///
  /// The bytes are those of Foundation's `JSONEncoder` with `.sortedKeys`, `.withoutEscapingSlashes` and `.iso8601`.
  ///
  /// Throws what its `encode(to:)` throws; `EncodingError.invalidValue` for a value that cannot be JSON, which names its
  /// type instead of the value: so for a number that is not finite, and for arrays and objects that are nested more than 511
  /// deep, as in Foundation's encoder, so that a value which contains itself ends too. One whose `encode(to:)` calls itself
  /// some thousand times, and never a container, runs out of stack, and ends the process.
  public static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    try made(of: value, status) { try JSONWriter.bytes(of: value) }
  }

  /// A value as JSON of some form: see ``json(_:status:)``, which throws the same.
  ///
  /// - Parameters:
  ///   - value: what is sent.
  ///   - status: with which status.
  ///   - options: in which form; `request.jsonOptions` for that of the application.
  public static func json(
    _ value: some Encodable, status: HTTPResponse.Status = .ok, options: JSONOptions
  ) throws -> Response { try made(of: value, status) { try JSONWriter.bytes(of: value, options) } }

  @inline(__always)
  private static func made<Value>(
    of value: Value, _ status: HTTPResponse.Status, _ write: () throws -> [UInt8]
  ) throws -> Response {
    do {
      return Response(try Fiber.onBigStack(write), status: status, contentType: "application/json")
    } catch EncodingError.invalidValue(_, let context) {
      // Not the value: whoever logs the error would recurse as deeply as it goes.
      throw EncodingError.invalidValue(type(of: value), context)
    }
  }
}
