import SuiteSupport
import Testing

@testable import GreenWebSocket

/// RFC 6455, 5.3.
@Suite(.bounded) struct MaskingTests {
  @Test func eachByteIsCombinedWithItsByteOfTheMask() {
    let key: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]
    let mask = key.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
    for count in 0...100 {
      let plain = (0..<count).map { UInt8($0 * 7 & 0xff) }
      for offset in 0..<9 {
        var masked = plain
        masked.withUnsafeMutableBytes { Masking.apply(mask, to: $0, offset: offset) }
        #expect(masked == plain.enumerated().map { $1 ^ key[($0 + offset) % 4] })
      }
    }
  }

  /// RFC 6455, 5.7: "Hello".
  @Test func theStandardsExample() {
    var bytes: [UInt8] = [0x7f, 0x9f, 0x4d, 0x51, 0x58]
    let key: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]
    let mask = key.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
    bytes.withUnsafeMutableBytes { Masking.apply(mask, to: $0) }
    #expect(String(decoding: bytes, as: UTF8.self) == "Hello")
  }
}
