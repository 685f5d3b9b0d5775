internal import GreenWeb

/// A decoder that has nothing: it notes what a type asks for, and makes up what it gives.
final class SchemaRecorder: Decoder {
  let book: SchemaBook
  /// What the type turned out to be.
  private(set) var schema: JSON = [:]
  private(set) var hasKeys = false
  private var properties: [String: JSON] = [:]
  private var required: [String] = []

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  init(_ book: SchemaBook) { self.book = book }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    hasKeys = true
    updateObject()
    return KeyedDecodingContainer(RecordedKeys<Key>(recorder: self))
  }

  func unkeyedContainer() -> any UnkeyedDecodingContainer {
    schema = ["type": "array", "items": [:]]
    return RecordedElements(recorder: self)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { RecordedValue(recorder: self) }

  /// Makes a value up.
  func value<Value: Decodable>(_ type: Value.Type) throws -> (value: Value, schema: JSON) {
    let found = book.look(at: type)
    guard let value = found.value else { throw NoValue(schema: found.schema) }
    return (value, found.schema)
  }

  func note(_ name: String, _ schema: JSON, isRequired: Bool) {
    let name = book.property(name)
    properties[name] = schema
    if isRequired && !required.contains(name) { required.append(name) }
    updateObject()
  }

  func noteElements(_ schema: JSON) { self.schema = ["type": "array", "items": schema] }
  func noteValue(_ schema: JSON) { self.schema = schema }

  private func updateObject() {
    var members: [String: JSON] = ["type": "object", "properties": .object(properties)]
    if !required.isEmpty { members["required"] = .array(required.map { .string($0) }) }
    schema = .object(members)
  }

  /// No value of a type can be made up; its schema is known all the same.
  struct NoValue: Error {
    let schema: JSON
  }
}

private struct RecordedKeys<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let recorder: SchemaRecorder
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }

  func contains(_ key: Key) -> Bool { true }
  func decodeNil(forKey key: Key) -> Bool { false }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try decoded(type, key, isRequired: true)
  }

  private func decoded<Value: Decodable>(_ type: Value.Type, _ key: Key, isRequired: Bool) throws -> Value {
    do {
      let made = try recorder.value(type)
      recorder.note(key.stringValue, made.schema, isRequired: isRequired)
      return made.value
    } catch let error as SchemaRecorder.NoValue {
      recorder.note(key.stringValue, error.schema, isRequired: isRequired)
      throw error
    }
  }

  // What may be missing is given as missing. The compiler's own decoding calls the one of the property's type.
  private func optional<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
    recorder.note(key.stringValue, recorder.book.look(at: type).schema, isRequired: false)
    return nil
  }

  func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? { optional(type, key) }
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { optional(type, key) }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { optional(type, key) }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { optional(type, key) }
  func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { optional(type, key) }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { optional(type, key) }
  func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { optional(type, key) }
  func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { optional(type, key) }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { optional(type, key) }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { optional(type, key) }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { optional(type, key) }
  func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { optional(type, key) }
  func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { optional(type, key) }
  func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { optional(type, key) }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { optional(type, key) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> { SchemaRecorder(recorder.book).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    SchemaRecorder(recorder.book).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { recorder }
  func superDecoder(forKey key: Key) throws -> any Decoder { SchemaRecorder(recorder.book) }
}

private struct RecordedElements: UnkeyedDecodingContainer {
  let recorder: SchemaRecorder
  private(set) var currentIndex = 0
  var codingPath: [any CodingKey] { [] }
  var count: Int? { 1 }
  var isAtEnd: Bool { currentIndex > 0 }

  init(recorder: SchemaRecorder) { self.recorder = recorder }

  mutating func decodeNil() -> Bool { false }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    currentIndex += 1
    let found = recorder.book.look(at: type)
    recorder.noteElements(found.schema)
    guard let value = found.value else { throw SchemaRecorder.NoValue(schema: found.schema) }
    return value
  }

  mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    SchemaRecorder(recorder.book).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    SchemaRecorder(recorder.book).unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { SchemaRecorder(recorder.book) }
}

private struct RecordedValue: SingleValueDecodingContainer {
  let recorder: SchemaRecorder
  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool { false }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let found = recorder.book.look(at: type)
    recorder.noteValue(found.schema)
    guard let value = found.value else { throw SchemaRecorder.NoValue(schema: found.schema) }
    return value
  }
}
