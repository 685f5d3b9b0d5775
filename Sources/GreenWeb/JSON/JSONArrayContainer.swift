/// The elements of a value that is an array.
struct JSONArrayContainer: UnkeyedEncodingContainer {
  let writer: JSONWriter
  let number: Int

  var codingPath: [any CodingKey] { writer.path }
  var count: Int { writer.level.number == number ? writer.level.count : 0 }

  func encodeNil() throws {
    try writer.beginElement(at: number)
    writer.bytes.append("null")
  }

  func encode(_ value: Bool) throws {
    try writer.beginElement(at: number)
    writer.bytes.append(value ? "true" : "false")
  }

  func encode(_ value: String) throws {
    try writer.beginElement(at: number)
    writer.bytes.append(quoted: value)
  }

  func encode(_ value: Double) throws {
    try writer.checkFinite(value, for: JSONIndex(count))
    try writer.beginElement(at: number)
    writer.bytes.append(finite: value)
  }

  func encode(_ value: Float) throws {
    try writer.checkFinite(value, for: JSONIndex(count))
    try writer.beginElement(at: number)
    writer.bytes.append(finite: value)
  }

  func encode<Value: Encodable>(_ value: Value) throws {
    let mark = writer.mark
    do {
      try writer.beginElement(at: number)
      try writer.write(value, for: JSONIndex(mark.count))
    } catch {
      writer.takeBack(to: mark)
      throw error
    }
  }

  private func encode<Value: FixedWidthInteger & CustomStringConvertible>(integer value: Value) throws {
    try writer.beginElement(at: number)
    writer.bytes.append(integer: value)
  }

  func encode(_ value: Int) throws { try encode(integer: value) }
  func encode(_ value: Int8) throws { try encode(integer: value) }
  func encode(_ value: Int16) throws { try encode(integer: value) }
  func encode(_ value: Int32) throws { try encode(integer: value) }
  func encode(_ value: Int64) throws { try encode(integer: value) }
  func encode(_ value: Int128) throws { try encode(integer: value) }
  func encode(_ value: UInt) throws { try encode(integer: value) }
  func encode(_ value: UInt8) throws { try encode(integer: value) }
  func encode(_ value: UInt16) throws { try encode(integer: value) }
  func encode(_ value: UInt32) throws { try encode(integer: value) }
  func encode(_ value: UInt64) throws { try encode(integer: value) }
  func encode(_ value: UInt128) throws { try encode(integer: value) }

  // MARK: Written apart

  func nestedContainer<Nested>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    writer.partAsElement(at: number).container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    writer.partAsElement(at: number).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { writer.partAsElement(at: number) }
}
