/// A container of values without a key: what it puts before the next value is its own, and how nothing, flags, text and whole
/// numbers are written after that is the same in each. Those of 128 bits the standard library has a way for in every
/// container: each says for itself that it has another.
protocol JSONValueContainer {
  var writer: JSONWriter { get }
  /// Writes what comes before the next value.
  func begin() throws
}

extension JSONValueContainer {
  @inline(__always)
  func encodeNil() throws {
    try begin()
    writer.bytes.append("null")
  }

  @inline(__always)
  func encode(_ value: Bool) throws {
    try begin()
    writer.bytes.append(value ? "true" : "false")
  }

  @inline(__always)
  func encode(_ value: String) throws {
    try begin()
    writer.bytes.append(quoted: value)
  }

  @inline(__always)
  func encode<Value: FixedWidthInteger & CustomStringConvertible>(integer value: Value) throws {
    try begin()
    writer.bytes.append(integer: value)
  }

  func encode(_ value: Int) throws { try encode(integer: value) }
  func encode(_ value: Int8) throws { try encode(integer: value) }
  func encode(_ value: Int16) throws { try encode(integer: value) }
  func encode(_ value: Int32) throws { try encode(integer: value) }
  func encode(_ value: Int64) throws { try encode(integer: value) }
  func encode(_ value: UInt) throws { try encode(integer: value) }
  func encode(_ value: UInt8) throws { try encode(integer: value) }
  func encode(_ value: UInt16) throws { try encode(integer: value) }
  func encode(_ value: UInt32) throws { try encode(integer: value) }
  func encode(_ value: UInt64) throws { try encode(integer: value) }
}
