/// The value of `Content-Length`, RFC 9110, 8.6.
enum ContentLength {
  /// The number of bytes that the `count` bytes at `value` say: digits only. `nil` where they say none, or more than `Int` holds.
  static func parse(_ value: UnsafeRawPointer, count: Int) -> Int? {
    guard count > 0 else { return nil }
    var length = 0
    for index in 0..<count {
      let digit = value.load(fromByteOffset: index, as: UInt8.self) &- 0x30
      guard digit < 10 else { return nil }
      let (product, overflow) = length.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(digit))
      if overflow || carry { return nil }
      length = sum
    }
    return length
  }
}
