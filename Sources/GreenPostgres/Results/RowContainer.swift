/// The columns of a row by their names. A key `createdAt` takes the column `created_at` where there is no column `createdAt`.
struct RowContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let result: PostgresResult
  let row: Int
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { result.columns.compactMap { Key(stringValue: $0) } }

  func contains(_ key: Key) -> Bool {
    do { return try place(of: key) != nil } catch { return true }
  }

  func decodeNil(forKey key: Key) throws -> Bool { try field(key).isNull }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try FieldDecoder.decode(type, try field(key))
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws
    -> KeyedDecodingContainer<Nested>
  {
    try FieldDecoder(field: field(key)).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try FieldDecoder(field: field(key)).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { RowDecoder(result: result, row: row) }
  func superDecoder(forKey key: Key) throws -> any Decoder { FieldDecoder(field: try field(key)) }

  private func field(_ key: Key) throws -> PostgresField {
    guard let place = try place(of: key) else {
      throw PostgresDecodingError(
        column: key.stringValue, reason: "there is no such column; there are \(result.columns.joined(separator: ", "))")
    }
    return result.field(row: row, column: place)
  }

  private func place(of key: Key) throws -> Int? {
    try result.place(of: key.stringValue) ?? result.place(of: key.stringValue.snakeCased)
  }
}

extension String {
  /// `createdAt` as `created_at`.
  var snakeCased: String {
    var result = ""
    for character in self {
      if character.isUppercase && !result.isEmpty { result += "_" }
      result += character.lowercased()
    }
    return result
  }
}
