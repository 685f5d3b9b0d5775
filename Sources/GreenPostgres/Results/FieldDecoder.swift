internal import GreenWeb

/// One value as a `Decodable` reads it.
struct FieldDecoder: Decoder {
  let field: PostgresField
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func decode<Value: Decodable>(_ type: Value.Type, _ field: PostgresField) throws -> Value {
    if let type = type as? any PostgresValue.Type, !isJSON(field) || type == String.self {
      return try type.init(postgres: field) as! Value
    }
    if isJSON(field) && !field.isNull {
      do {
        return try StoredJSON.decoded(Value.self, from: try field.withBytes { [UInt8]($0) }) {
          PostgresDecodingError(column: field.column, reason: "its JSON \($0)")
        }
      } catch is DecodingError {
        throw PostgresDecodingError(column: field.column, reason: "its JSON cannot be read as \(Value.self)")
      }
    }
    return try Value(from: FieldDecoder(field: field))
  }

  private static func isJSON(_ field: PostgresField) -> Bool {
    field.type == PostgresType.json || field.type == PostgresType.jsonb
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> { throw notOne }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw notOne }

  func singleValueContainer() -> any SingleValueDecodingContainer { FieldContainer(field: field) }

  private var notOne: PostgresDecodingError {
    PostgresDecodingError(
      column: field.column, reason: "is one value, and was to be several: only a column of JSON can be that")
  }
}

/// The single value of a field.
struct FieldContainer: SingleValueDecodingContainer {
  let field: PostgresField
  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool { field.isNull }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try FieldDecoder.decode(type, field) }
}
