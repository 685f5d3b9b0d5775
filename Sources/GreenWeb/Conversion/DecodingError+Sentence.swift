extension DecodingError {
  /// What was wrong and where, in JSON's words: a client knows nothing of the program's types, and nothing of them is shown.
  var sentence: String {
    switch self {
    case .keyNotFound(let key, let context):
      return "the body has no '\(Self.path(context.codingPath + [key]))'"
    case .typeMismatch(let type, let context):
      return "\(Self.place(context)) should be \(Self.name(type))"
    case .valueNotFound(let type, let context):
      return "\(Self.place(context)) is null, and should be \(Self.name(type))"
    case .dataCorrupted(let context):
      return "\(Self.place(context)) has a value that it cannot have"
    @unknown default:
      return "the body is not as it should be"
    }
  }

  private static func place(_ context: Context) -> String {
    context.codingPath.isEmpty ? "the body" : "the body's '\(path(context.codingPath))'"
  }

  /// A type as JSON has it (RFC 8259, 3).
  private static func name(_ type: Any.Type) -> String {
    switch type {
    case is Bool.Type: "true or false"
    case is String.Type, is Character.Type: "a string"
    case is any FixedWidthInteger.Type: "an integer"
    case is any BinaryFloatingPoint.Type: "a number"
    case is any JSONObject.Type: "an object"
    case is any JSONArray.Type: "an array"
    default: "another value"
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }.joined(separator: ".")
  }
}

// What the decoder says that it has looked for: keyed containers are dictionaries to it, the others arrays.
private protocol JSONObject {}
private protocol JSONArray {}
extension Dictionary: JSONObject {}
extension Array: JSONArray {}
