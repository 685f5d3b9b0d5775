/// `bigint`.
extension Int: PostgresValue { public static var postgresType: UInt32 { PostgresType.int8 } }
/// `bigint`.
extension Int64: PostgresValue { public static var postgresType: UInt32 { PostgresType.int8 } }
/// `integer`.
extension Int32: PostgresValue { public static var postgresType: UInt32 { PostgresType.int4 } }
/// `smallint`.
extension Int16: PostgresValue { public static var postgresType: UInt32 { PostgresType.int2 } }
/// `smallint`.
extension Int8: PostgresValue { public static var postgresType: UInt32 { PostgresType.int2 } }
/// `smallint`; an array of them is bytes.
extension UInt8: PostgresValue { public static var postgresType: UInt32 { PostgresType.int2 } }
/// `integer`.
extension UInt16: PostgresValue { public static var postgresType: UInt32 { PostgresType.int4 } }
/// `bigint`.
extension UInt32: PostgresValue { public static var postgresType: UInt32 { PostgresType.int8 } }
/// `numeric`: PostgreSQL has no type of 64 bits without a sign.
extension UInt64: PostgresValue { public static var postgresType: UInt32 { PostgresType.numeric } }
/// `numeric`.
extension UInt: PostgresValue { public static var postgresType: UInt32 { PostgresType.numeric } }
/// `double precision`.
extension Double: PostgresValue { public static var postgresType: UInt32 { PostgresType.float8 } }
/// `real`.
extension Float: PostgresValue { public static var postgresType: UInt32 { PostgresType.float4 } }

extension PostgresValue where Self: FixedWidthInteger {
  /// The digits.
  public var postgresParameter: PostgresParameter { .text(String(self)) }

  public init(postgres field: PostgresField) throws {
    let parsed = try field.withBytes { bytes in Self(decimal: bytes) }
    guard let parsed else { throw field.mismatch(Self.self) }
    self = parsed
  }
}

extension PostgresValue where Self: LosslessStringConvertible & BinaryFloatingPoint {
  /// The shortest text that is read as the same number; also `nan`, `inf` and `-inf`.
  public var postgresParameter: PostgresParameter { .text(description) }

  public init(postgres field: PostgresField) throws {
    // PostgreSQL says NaN, Infinity and -Infinity.
    guard let value = Self(try field.text()) else { throw field.mismatch(Self.self) }
    self = value
  }
}

extension FixedWidthInteger {
  /// Digits with a sign, as PostgreSQL writes integers.
  fileprivate init?(decimal bytes: UnsafeRawBufferPointer) {
    let isNegative = bytes.first == UInt8(ascii: "-")
    let digits = isNegative ? bytes[1...] : bytes[...]
    guard !digits.isEmpty else { return nil }
    var value: Self = 0
    for byte in digits {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      let digit = Self(byte - UInt8(ascii: "0"))
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowed) =
        isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      if overflow || overflowed { return nil }
      value = sum
    }
    self = value
  }
}

/// `boolean`.
extension Bool: PostgresValue {
  public static var postgresType: UInt32 { PostgresType.bool }
  public var postgresParameter: PostgresParameter { .text(self ? "t" : "f") }

  public init(postgres field: PostgresField) throws {
    switch try field.text() {
    case "t": self = true
    case "f": self = false
    default: throw field.mismatch(Bool.self)
    }
  }
}
