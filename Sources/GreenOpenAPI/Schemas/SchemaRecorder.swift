internal import GreenWeb

/// A decoder that has nothing: it notes what a type asks for, and makes up what it gives.
final class SchemaRecorder: Decoder {
  let book: SchemaBook
  /// What the type turned out to be.
  private(set) var schema: JSON = [:] {
    didSet { report(schema) }
  }
  private(set) var hasKeys = false
  private var properties: [String: JSON] = [:]
  private var required: [String] = []

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  private let report: (JSON) -> Void

  /// - Parameter report: told of what it turns out to be, each time that it knows more.
  init(_ book: SchemaBook, _ report: @escaping (JSON) -> Void = { _ in }) {
    self.book = book
    self.report = report
  }

  /// The recorder of what stands in this one under a name.
  func nested(_ name: String) -> SchemaRecorder {
    note(name, [:], isRequired: true)
    return SchemaRecorder(book) { self.note(name, $0, isRequired: true) }
  }

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
  ) throws -> KeyedDecodingContainer<Nested> { recorder.nested(key.stringValue).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    recorder.nested(key.stringValue).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { recorder.nested("super") }
  func superDecoder(forKey key: Key) throws -> any Decoder { recorder.nested(key.stringValue) }
}
