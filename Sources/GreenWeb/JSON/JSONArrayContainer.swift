/// The elements of a value that is an array.
struct JSONArrayContainer: UnkeyedEncodingContainer, JSONValueContainer {
  let writer: JSONWriter
  let number: Int

  var codingPath: [any CodingKey] { writer.path }
  var count: Int { writer.level.number == number ? writer.level.count : 0 }

  @inline(__always)
  func begin() throws { try writer.beginElement(at: number) }

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

  func encode(_ value: Int128) throws { try encode(integer: value) }
  func encode(_ value: UInt128) throws { try encode(integer: value) }

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

  // MARK: Written apart

  func nestedContainer<Nested>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    writer.partAsElement(at: number).container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    writer.partAsElement(at: number).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { writer.partAsElement(at: number) }
}
