/// A value that encodes itself as another.
struct JSONScalarContainer: SingleValueEncodingContainer {
  let writer: JSONWriter
  let number: Int

  var codingPath: [any CodingKey] { writer.path }

  func encodeNil() throws {
    try writer.beginScalar(at: number)
    writer.bytes.append("null")
  }

  func encode(_ value: Bool) throws {
    try writer.beginScalar(at: number)
    writer.bytes.append(value ? "true" : "false")
  }

  func encode(_ value: String) throws {
    try writer.beginScalar(at: number)
    writer.bytes.append(quoted: value)
  }

  func encode(_ value: Double) throws {
    try writer.checkFinite(value)
    try writer.beginScalar(at: number)
    writer.bytes.append(finite: value)
  }

  func encode(_ value: Float) throws {
    try writer.checkFinite(value)
    try writer.beginScalar(at: number)
    writer.bytes.append(finite: value)
  }

  func encode<Value: Encodable>(_ value: Value) throws { try writer.writeInPlace(value, at: number) }

  private func encode<Value: FixedWidthInteger & CustomStringConvertible>(integer value: Value) throws {
    try writer.beginScalar(at: number)
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
}
