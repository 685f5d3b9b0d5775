extension InvalidInput {
  /// What was wrong and where, in words that a client knows: nothing of the program's types is shown.
  init(_ error: DecodingError) {
    switch error {
    case .keyNotFound(let key, let context): self.init(Self.path(context.codingPath + [key]), "is missing")
    case .typeMismatch(let type, let context): self.init(Self.path(context.codingPath), Self.wrong(type))
    case .valueNotFound(let type, let context):
      self.init(Self.path(context.codingPath), "must not be null, but \(Self.name(type))")
    case .dataCorrupted(let context): self.init(Self.path(context.codingPath), "has a value that it cannot have")
    @unknown default: self.init("", "is not as it should be")
    }
  }

  /// What is said of a value that is not one of a type.
  static func wrong(_ type: Any.Type) -> String { "must be \(name(type))" }

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

  /// The way to a field: `address.street`, `tags.0`.
  static func path(_ keys: [any CodingKey]) -> String {
    keys.map { key in key.intValue.map { "\($0)" } ?? key.stringValue }.joined(separator: ".")
  }
}

// What the decoder says that it has looked for: keyed containers are dictionaries to it, the others arrays.
private protocol JSONObject {}
private protocol JSONArray {}
extension Dictionary: JSONObject {}
extension Array: JSONArray {}
