internal import FoundationEssentials
internal import Green
public import GreenHTTP
public import HTTPTypes

extension Response {
  /// A value as JSON. Encoded on a stack of 8 MB, on which a value may lie in others of its type some thousand deep. Throws
  /// what its `encode(to:)` throws.
  public static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    let data = try Fiber.onBigStack { try JSONEncoder().encode(value) }
    return Response([UInt8](data), status: status, contentType: "application/json")
  }
}

extension Request {
  /// The body, decoded from JSON. Parks or blocks until the body is there.
  ///
  /// Throws `HTTPError`: `415` when `Content-Type` is not `application/json` or another type ending in `+json`, `400`
  /// when the body is not JSON or not of this type, with what was wrong and where; so it is when it is nested more deeply than
  /// ``GreenHTTP/HTTPLimits/jsonDepth``. Decoded on a stack of 8 MB.
  public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    guard isJSON else {
      throw HTTPError(.unsupportedMediaType, "the body must be JSON, with Content-Type: application/json")
    }
    do {
      let bytes = try body.bytes()
      try JSONDepth.check(bytes, limit: jsonDepth)
      return try Fiber.onBigStack { try JSONDecoder().decode(type, from: Data(bytes)) }
    } catch let error as DecodingError {
      throw HTTPError(.badRequest, error.sentence)
    }
  }

  /// Whether the body says that it is JSON (RFC 6839, 3.1).
  private var isJSON: Bool {
    guard let type = header(.contentType)?.prefix(while: { $0 != ";" }) else { return false }
    let essence = type.filter { $0 != " " && $0 != "\t" }.lowercased()
    return essence == "application/json" || essence.hasSuffix("+json")
  }
}

extension DecodingError {
  /// What was wrong and where, without what only the program's author needs to know.
  fileprivate var sentence: String {
    switch self {
    case .keyNotFound(let key, let context):
      "the body lacks '\(Self.path(context.codingPath + [key]))'"
    case .typeMismatch(let type, let context):
      "the body's '\(Self.path(context.codingPath))' is no \(type)"
    case .valueNotFound(let type, let context):
      "the body's '\(Self.path(context.codingPath))' is null, and should be \(type)"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      "the body's '\(Self.path(context.codingPath))' is malformed: \(context.debugDescription)"
    default:
      "the body is not JSON"
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }.joined(separator: ".")
  }
}
