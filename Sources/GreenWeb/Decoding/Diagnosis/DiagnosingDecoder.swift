/// Has a type decode itself, and notes what came of each of its fields.
struct DiagnosingDecoder: Decoder {
  let inner: any Decoder
  let notes: FieldNotes
  var codingPath: [any CodingKey] { inner.codingPath }
  var userInfo: [CodingUserInfoKey: Any] { inner.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(DiagnosingKeys(inner: try inner.container(keyedBy: type), notes: notes))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try inner.unkeyedContainer() }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    DiagnosingValue(inner: try inner.singleValueContainer(), notes: notes)
  }
}

private struct DiagnosingKeys<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let inner: KeyedDecodingContainer<Key>
  let notes: FieldNotes
  var codingPath: [any CodingKey] { inner.codingPath }
  var allKeys: [Key] { inner.allKeys }

  func contains(_ key: Key) -> Bool { inner.contains(key) }
  func decodeNil(forKey key: Key) throws -> Bool { try inner.decodeNil(forKey: key) }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    let value = try part(type, key, mayBeMissing: false)
    guard let value else {
      throw DecodingError.valueNotFound(type, .init(codingPath: codingPath + [key], debugDescription: "no value"))
    }
    return value
  }

  private func part<Value: Decodable>(_ type: Value.Type, _ key: Key, mayBeMissing: Bool) throws -> Value? {
    try notes.part(
      .field(key.stringValue), type, mayBeMissing: mayBeMissing, at: codingPath + [key],
      { try inner.decode(type, forKey: key) }, diagnose: { try inner.decode(Diagnosis<Value>.self, forKey: key) })
  }

  private func optional<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Value? {
    guard try inner.contains(key) && !inner.decodeNil(forKey: key) else { return nil }
    return try part(type, key, mayBeMissing: true)
  }

  // The compiler's own decoding calls the one of the property's type.
  func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
    try optional(type, key)
  }

  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try optional(type, key) }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try optional(type, key) }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try optional(type, key) }
  func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { try optional(type, key) }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try optional(type, key) }
  func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { try optional(type, key) }
  func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try optional(type, key) }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try optional(type, key) }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try optional(type, key) }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try optional(type, key) }
  func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { try optional(type, key) }
  func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { try optional(type, key) }
  func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { try optional(type, key) }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { try optional(type, key) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { try inner.nestedContainer(keyedBy: type, forKey: key) }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try inner.nestedUnkeyedContainer(forKey: key)
  }

  func superDecoder() throws -> any Decoder { try inner.superDecoder() }
  func superDecoder(forKey key: Key) throws -> any Decoder { try inner.superDecoder(forKey: key) }
}

private struct DiagnosingValue: SingleValueDecodingContainer {
  let inner: any SingleValueDecodingContainer
  let notes: FieldNotes
  var codingPath: [any CodingKey] { inner.codingPath }

  func decodeNil() -> Bool { inner.decodeNil() }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    // What JSON has itself is wrong as a whole: its type refuses it, and so does the type that asks for it.
    if StandIn.isPlain(type) {
      do {
        return try inner.decode(type)
      } catch {
        throw DecodingError(error, of: type, at: codingPath, unless: true) ?? error
      }
    }
    let value = try notes.part(
      .whole, type, at: codingPath, { try inner.decode(type) }, diagnose: { try inner.decode(Diagnosis<Value>.self) })
    guard let value else {
      throw DecodingError.valueNotFound(type, .init(codingPath: codingPath, debugDescription: "no value"))
    }
    return value
  }
}
