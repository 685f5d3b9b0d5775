/// One row as a `Decodable` reads it: by the names of columns, or, where it wants a single value, the only column.
struct RowDecoder: Decoder {
  let result: PostgresResult
  let row: Int
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  /// A row as a value of `type`.
  static func decode<Value: Decodable>(_ type: Value.Type, _ result: PostgresResult, row: Int) throws -> Value {
    if let type = type as? any PostgresValue.Type {
      return try type.init(postgres: onlyField(result, row)) as! Value
    }
    return try Value(from: RowDecoder(result: result, row: row))
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(RowContainer(result: result, row: row))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw PostgresDecodingError(
      column: "", reason: "a row is read by the names of its columns, or by rows(_:_:) in their order")
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    FieldContainer(field: try Self.onlyField(result, row))
  }

  private static func onlyField(_ result: PostgresResult, _ row: Int) throws -> PostgresField {
    guard result.columns.count == 1 else {
      throw PostgresDecodingError(
        column: result.columns.joined(separator: ", "),
        reason: "one column was wanted, and there are \(result.columns.count)")
    }
    return result.field(row: row, column: 0)
  }
}
