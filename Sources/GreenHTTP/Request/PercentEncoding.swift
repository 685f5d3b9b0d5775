/// Percent-encoding of RFC 3986, 2.1.
package enum PercentEncoding {
  /// The text that `bytes` encode; `nil` for a `%` without two hexadecimal digits, and for what is not UTF-8.
  package static func decoded(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard bytes.contains(0x25) else {
      // ASCII, as every path is without its escapes, needs no check.
      if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
      return String(validating: bytes, as: UTF8.self)
    }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index] != 0x25 {
        result.append(bytes[index])
        index += 1
        continue
      }
      guard let byte = escape(bytes, index) else { return nil }
      result.append(byte)
      index += 3
    }
    return String(validating: result, as: UTF8.self)
  }

  /// The text that `bytes` encode; malformed escapes stay as they are, what is not UTF-8 becomes U+FFFD.
  package static func decodedLeniently(_ bytes: UnsafeRawBufferPointer) -> String {
    guard bytes.contains(0x25) else { return String(decoding: bytes, as: UTF8.self) }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x25, let byte = escape(bytes, index) {
        result.append(byte)
        index += 3
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// As ``decodedLeniently(_:)``, where `+` stands for a space.
  package static func decodedFormText(_ bytes: UnsafeRawBufferPointer) -> String {
    guard bytes.contains(UInt8(ascii: "+")) else { return decodedLeniently(bytes) }
    return bytes.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 }.withUnsafeBytes { decodedLeniently($0) }
  }

  /// A text in which only letters, digits and `-._~` stand for themselves (RFC 3986, 2.3), and the bytes of `also`.
  package static func encoded(_ text: String, also: String = "") -> String {
    encoded(text) { isUnreserved($0) || also.utf8.contains($0) }
  }

  /// A text in which only bytes that may stand there do.
  package static func encoded(_ text: String, where mayStand: (UInt8) -> Bool) -> String {
    if text.utf8.allSatisfy(mayStand) { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if mayStand(byte) { result.append(byte) } else { appendEscape(of: byte, to: &result) }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Appends `%` and two digits.
  package static func appendEscape(of byte: UInt8, to result: inout [UInt8]) {
    let digits = Array("0123456789ABCDEF".utf8)
    result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || "-._~".utf8.contains(byte)
  }

  /// The byte that the escape at `index` stands for.
  private static func escape(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt8? {
    guard index + 2 < bytes.count, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2]) else {
      return nil
    }
    return high << 4 | low
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }
}
