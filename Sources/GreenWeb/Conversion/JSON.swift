internal import FoundationEssentials
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
    do {
      let bytes = try Fiber.onBigStack { try JSONWriter.bytes(of: value) }
      return Response(bytes, status: status, contentType: "application/json")
    } catch EncodingError.invalidValue(_, let context) {
      // Not the value: whoever logs the error would recurse as deeply as it goes.
      throw EncodingError.invalidValue(type(of: value), context)
    }
  }
}

extension Request {
  /// The body, decoded from JSON. Parks or blocks until the body is there. Dates are in the form of
  /// ``GreenHTTP/Response/json(_:status:)``.
  ///
  /// Throws `HTTPError`: `415` when `Content-Type` is not `application/json` or another type ending in `+json`, `400`
  /// when the body is not JSON or not of this type, with what was wrong and where; so it is when it is nested more deeply than
  /// ``/GreenHTTP/HTTPLimits/jsonDepth``. Decoded on a stack of 8 MB.
  public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    guard isJSON else {
      throw HTTPError(.unsupportedMediaType, "the body must be JSON, with Content-Type: application/json")
    }
    do {
      let bytes = try body.bytes()
      try JSONDepth.check(bytes, limit: jsonDepth)
      return try Fiber.onBigStack { try JSONDecoder.house.decode(type, from: Data(bytes)) }
    } catch let error as DecodingError {
      throw HTTPError(.badRequest, sentence(for: error))
    }
  }

  private func sentence(for error: DecodingError) -> String {
    guard case .dataCorrupted(let context) = error, context.codingPath.isEmpty else { return error.sentence }
    // Foundation says the same of a number that is not of the wanted type and of what is not JSON, without a place.
    let isJSON =
      (try? Fiber.onBigStack { _ = try JSONDecoder.house.decode(AnyJSON.self, from: Data(body.bytes())) }) != nil
    guard isJSON else { return "the body is not JSON" }
    return "the body has a number that is not an integer, or is too large, where it must be one that fits"
  }

  /// Whether the body says that it is JSON (RFC 6839, 3.1).
  private var isJSON: Bool {
    guard let type = header(.contentType)?.prefix(while: { $0 != ";" }) else { return false }
    let essence = type.filter { $0 != " " && $0 != "\t" }.lowercased()
    if essence == "application/json" { return true }
    let parts = essence.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2 && !parts[0].isEmpty && parts[1].hasSuffix("+json") && parts[1].utf8.count > 5
  }
}

extension JSONDecoder {
  /// One that reads what ``Response/json(_:status:)`` writes.
  fileprivate static var house: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return decoder
  }
}

/// JSON of any kind.
private struct AnyJSON: Decodable {
  init(from decoder: any Decoder) {}
}
