/// The fields of a value that is an object, written in another form than the default: with other names, or with `null`
/// for nothing.
struct JSONOptionedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  private let inner: JSONObjectContainer<JSONName>
  /// Whether names are changed. Those of dictionaries are not.
  private let changesNames: Bool
  private let writesNull: Bool

  init(_ writer: JSONWriter, number: Int) {
    inner = JSONObjectContainer(writer: writer, number: number)
    changesNames = writer.options.keys == .snakeCase && ObjectIdentifier(Key.self) != JSONName.keyOfDictionaries
    writesNull = writer.options.nils == .null
  }

  var codingPath: [any CodingKey] { inner.codingPath }

  private func name(_ key: Key) -> JSONName {
    JSONName(changesNames ? inner.writer.snakeCase(key.stringValue) : key.stringValue)
  }

  func encodeNil(forKey key: Key) throws { try inner.encodeNil(forKey: name(key)) }
  func encode(_ value: Bool, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: String, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: Double, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: Float, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: Int, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: Int8, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: Int16, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: Int32, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: Int64, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: Int128, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: UInt, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: UInt8, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: UInt16, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: UInt32, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: UInt64, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode(_ value: UInt128, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }
  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try inner.encode(value, forKey: name(key)) }

  // MARK: What may be missing

  // The compiler's own encoding calls the one of the property's type.
  func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: String?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: Int128?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent(_ value: UInt128?, forKey key: Key) throws { try optional(value, key) }
  func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws { try optional(value, key) }

  private func optional<Value: Encodable>(_ value: Value?, _ key: Key) throws {
    if let value { return try inner.encode(value, forKey: name(key)) }
    if writesNull { try inner.encodeNil(forKey: name(key)) }
  }

  // MARK: Written apart

  func nestedContainer<Nested>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
    inner.nestedContainer(keyedBy: type, forKey: name(key))
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    inner.nestedUnkeyedContainer(forKey: name(key))
  }

  func superEncoder() -> any Encoder { inner.superEncoder() }
  func superEncoder(forKey key: Key) -> any Encoder { inner.superEncoder(forKey: name(key)) }
}

/// The name of a field as it is written.
struct JSONName: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }

  /// The standard library's type of the keys of dictionaries, which has no public name: a dictionary tells it when it
  /// encodes itself.
  static let keyOfDictionaries: ObjectIdentifier? = {
    let witness = JSONKeyWitness()
    try? ["": 0].encode(to: witness)
    return witness.seen
  }()
}

/// Notes what type of keys a value encodes itself with.
private final class JSONKeyWitness: Encoder {
  private(set) var seen: ObjectIdentifier?
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    seen = ObjectIdentifier(type)
    let writer = JSONWriter(capacity: 16, depth: 0, path: [], calls: 0)
    return JSONLevelEncoder(writer: writer, number: writer.firstNumber).container(keyedBy: type)
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer { singleEncoder.unkeyedContainer() }
  func singleValueContainer() -> any SingleValueEncodingContainer { singleEncoder.singleValueContainer() }

  private var singleEncoder: JSONLevelEncoder {
    JSONLevelEncoder(writer: JSONWriter(capacity: 16, depth: 0, path: [], calls: 0), number: 0)
  }
}
