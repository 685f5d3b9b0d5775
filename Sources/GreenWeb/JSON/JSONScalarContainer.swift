/// A value that encodes itself as another.
struct JSONScalarContainer: SingleValueEncodingContainer, JSONValueContainer {
  let writer: JSONWriter
  let number: Int

  var codingPath: [any CodingKey] { writer.path }

  @inline(__always)
  func begin() throws { try writer.beginScalar(at: number) }

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

  func encode(_ value: Int128) throws { try encode(integer: value) }
  func encode(_ value: UInt128) throws { try encode(integer: value) }

  func encode<Value: Encodable>(_ value: Value) throws { try writer.writeInPlace(value, at: number) }
}
