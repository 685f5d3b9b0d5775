internal import FoundationEssentials

/// The types that have a form of their own in JSON: not the one in which they would encode themselves, or the same, sooner.
///
/// Their metadata are compared, and no value is cast, which would cost more than to write it.
extension JSONWriter {
  /// Writes the value if its type is one of these. Throws where it has a number that is not finite, before it is written.
  func writeKnown<Value: Encodable>(_ value: Value, for key: @autoclosure () -> (any CodingKey)? = nil) throws -> Bool {
    if let text = same(value, as: String.self) {
      bytes.append(quoted: text)
    } else if let number = same(value, as: Int.self) {
      bytes.append(integer: number)
    } else if let number = same(value, as: Double.self) {
      try checkFinite(number, for: key())
      bytes.append(finite: number)
    } else if let truth = same(value, as: Bool.self) {
      bytes.append(truth ? "true" : "false")
    } else if let date = same(value, as: Date.self) {
      try write(date, for: key())
    } else if let data = same(value, as: Data.self) {
      bytes.append(quoted: data.base64EncodedString())
    } else if let url = same(value, as: URL.self) {
      bytes.append(quoted: url.absoluteString)
    } else if let decimal = same(value, as: Decimal.self) {
      if decimal.isNaN { throw invalid(decimal, "Unable to encode Decimal.nan directly in JSON.", key()) }
      bytes.append(unquoted: decimal.description)
    } else {
      return try writeList(value, for: key())
    }
    return true
  }

  /// Arrays of numbers and strings.
  private func writeList<Value: Encodable>(
    _ value: Value, for key: @autoclosure () -> (any CodingKey)?
  ) throws -> Bool {
    if let list = same(value, as: [String].self) {
      write(list) { bytes.append(quoted: $0) }
    } else if let list = same(value, as: [Double].self) {
      for number in list { try checkFinite(number, for: key()) }
      write(list) { bytes.append(finite: $0) }
    } else if let list = same(value, as: [Float].self) {
      for number in list { try checkFinite(number, for: key()) }
      write(list) { bytes.append(finite: $0) }
    } else {
      return writeIntegers(value, Int.self) || writeIntegers(value, UInt8.self) || writeIntegers(value, Int64.self)
        || writeIntegers(value, Int32.self) || writeIntegers(value, UInt.self) || writeIntegers(value, UInt64.self)
        || writeIntegers(value, UInt32.self) || writeIntegers(value, Int16.self) || writeIntegers(value, UInt16.self)
        || writeIntegers(value, Int8.self) || writeIntegers(value, Int128.self) || writeIntegers(value, UInt128.self)
    }
    return true
  }

  @inline(__always)
  private func writeIntegers<Value, Number: FixedWidthInteger & CustomStringConvertible>(
    _ value: Value, _ type: Number.Type
  ) -> Bool {
    guard let list = same(value, as: [Number].self) else { return false }
    write(list) { bytes.append(integer: $0) }
    return true
  }

  @inline(__always)
  private func write<Element>(_ list: [Element], _ write: (Element) -> Void) {
    if level.depth == Self.mostDepth { fail(Self.tooDeep) }
    bytes.append(UInt8(ascii: "["))
    var isFirst = true
    for element in list {
      if !isFirst { bytes.append(UInt8(ascii: ",")) }
      isFirst = false
      write(element)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// Unsafe: it is the same type, so it is the same value.
  @inline(__always)
  private func same<Value, Wanted>(_ value: Value, as type: Wanted.Type) -> Wanted? {
    Value.self == Wanted.self ? unsafeBitCast(value, to: Wanted.self) : nil
  }
}
