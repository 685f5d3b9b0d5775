internal import GreenHTTP

/// Decodes a value of names with texts: of a query or a form.
struct FieldsDecoder: Decoder {
  let values: NamedValues
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(FieldsContainer<Key>(values: values))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw notFlat([]) }
  func singleValueContainer() throws -> any SingleValueDecodingContainer { throw notFlat([]) }
}

/// What is said of a type that texts with names cannot be.
func notFlat(_ path: [any CodingKey]) -> DecodingError {
  .typeMismatch([String: Any].self, .init(codingPath: path, debugDescription: "fields hold texts only"))
}

private struct FieldsContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let values: NamedValues
  var codingPath: [any CodingKey] { [] }

  var allKeys: [Key] {
    var known: Set<String> = []
    return values.elements.compactMap { known.insert($0.name).inserted ? Key(stringValue: $0.name) : nil }
  }

  func contains(_ key: Key) -> Bool { values[key.stringValue] != nil }

  /// A browser sends fields that nothing was written into.
  func decodeNil(forKey key: Key) -> Bool { values.all(key.stringValue).allSatisfy(\.isEmpty) }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    guard contains(key) else {
      throw DecodingError.keyNotFound(key, .init(codingPath: [], debugDescription: "the field is missing"))
    }
    return try FieldDecoder(texts: values.all(key.stringValue), codingPath: [key]).value(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { throw notFlat([key]) }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    FieldTexts(texts: values.all(key.stringValue), codingPath: [key])
  }

  func superDecoder() throws -> any Decoder { FieldsDecoder(values: values) }
  func superDecoder(forKey key: Key) throws -> any Decoder {
    FieldDecoder(texts: values.all(key.stringValue), codingPath: [key])
  }
}
