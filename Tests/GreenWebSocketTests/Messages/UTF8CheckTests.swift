import SuiteSupport
import Testing

@testable import GreenWebSocket

/// RFC 6455, 8.1, and the table of well-formed sequences in the Unicode standard (3.9).
@Suite(.bounded) struct UTF8CheckTests {
  /// What the check says of bytes that come in two pieces.
  private func accepts(_ bytes: [UInt8], cut: Int) -> Bool {
    var check = UTF8Check()
    for piece in [bytes[..<cut], bytes[cut...]] {
      guard Array(piece).withUnsafeBytes({ check.take($0) }) else { return false }
    }
    return check.isAtEnd
  }

  @Test func itAgreesWithTheStandardLibraryOnAllStartsOfFourBytes() {
    // Every first byte with the bytes at which the rules of the second change, and likewise after it.
    let edges: [UInt8] = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xed, 0xf4, 0xff]
    for first in UInt8.min...UInt8.max {
      for second in edges {
        for third in edges {
          for fourth in edges {
            let bytes = [first, second, third, fourth]
            #expect(accepts(bytes, cut: 2) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
          }
        }
      }
    }
  }

  @Test func whereTextIsCutMakesNoDifference() {
    let text = Array("Grüße, 世界 🌍, and enough letters of ASCII for a whole word at once".utf8)
    for cut in 0...text.count {
      #expect(accepts(text, cut: cut))
      for place in [6, 12, 18, 20] {
        var broken = text
        broken[place] = 0xc1
        #expect(!accepts(broken, cut: cut))
      }
    }
  }

  @Test func theFirstByteThatCannotBeTextIsRefusedAtOnce() {
    var check = UTF8Check()
    #expect([0xce, 0xba, 0xed].map(UInt8.init).withUnsafeBytes { check.take($0) })
    #expect(!check.isAtEnd)
    // A surrogate: known by its second byte, before its third has come.
    #expect(![UInt8(0xa0)].withUnsafeBytes { check.take($0) })
  }
}
