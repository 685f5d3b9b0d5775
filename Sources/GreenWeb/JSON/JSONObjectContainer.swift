/// The fields of a value that is an object.
struct JSONObjectContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let writer: JSONWriter
  let number: Int

  var codingPath: [any CodingKey] { writer.path }

  func encodeNil(forKey key: Key) throws {
    try writer.beginField(key.stringValue, at: number)
    writer.bytes.append("null")
  }

  func encode(_ value: Bool, forKey key: Key) throws {
    try writer.beginField(key.stringValue, at: number)
    writer.bytes.append(value ? "true" : "false")
  }

  func encode(_ value: String, forKey key: Key) throws {
    try writer.beginField(key.stringValue, at: number)
    writer.bytes.append(quoted: value)
  }

  func encode(_ value: Double, forKey key: Key) throws {
    try writer.checkFinite(value, for: key)
    try writer.beginField(key.stringValue, at: number)
    writer.bytes.append(finite: value)
  }

  func encode(_ value: Float, forKey key: Key) throws {
    try writer.checkFinite(value, for: key)
    try writer.beginField(key.stringValue, at: number)
    writer.bytes.append(finite: value)
  }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    let mark = writer.mark
    do {
      try writer.beginField(key.stringValue, at: number)
      try writer.write(value, for: key)
    } catch {
      writer.takeBack(to: mark)
      throw error
    }
  }

  private func encode<Value: FixedWidthInteger & CustomStringConvertible>(integer value: Value, for key: Key) throws {
    try writer.beginField(key.stringValue, at: number)
    writer.bytes.append(integer: value)
  }

  func encode(_ value: Int, forKey key: Key) throws { try encode(integer: value, for: key) }
  func encode(_ value: Int8, forKey key: Key) throws { try encode(integer: value, for: key) }
  func encode(_ value: Int16, forKey key: Key) throws { try encode(integer: value, for: key) }
  func encode(_ value: Int32, forKey key: Key) throws { try encode(integer: value, for: key) }
  func encode(_ value: Int64, forKey key: Key) throws { try encode(integer: value, for: key) }
  func encode(_ value: Int128, forKey key: Key) throws { try encode(integer: value, for: key) }
  func encode(_ value: UInt, forKey key: Key) throws { try encode(integer: value, for: key) }
  func encode(_ value: UInt8, forKey key: Key) throws { try encode(integer: value, for: key) }
  func encode(_ value: UInt16, forKey key: Key) throws { try encode(integer: value, for: key) }
  func encode(_ value: UInt32, forKey key: Key) throws { try encode(integer: value, for: key) }
  func encode(_ value: UInt64, forKey key: Key) throws { try encode(integer: value, for: key) }
  func encode(_ value: UInt128, forKey key: Key) throws { try encode(integer: value, for: key) }

  // MARK: Written apart

  func nestedContainer<Nested>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested> {
    writer.partAsField(key.stringValue, for: key, at: number, isNested: true).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    writer.partAsField(key.stringValue, for: key, at: number, isNested: true).unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    let key = JSONSuperKey()
    return writer.partAsField(key.stringValue, for: key, at: number, isNested: false)
  }

  func superEncoder(forKey key: Key) -> any Encoder {
    writer.partAsField(key.stringValue, for: key, at: number, isNested: false)
  }
}
