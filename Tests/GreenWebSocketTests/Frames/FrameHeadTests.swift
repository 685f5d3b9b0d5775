import SuiteSupport
import Testing

@testable import GreenWebSocket

/// RFC 6455, 5.2 and 5.5.
@Suite(.bounded) struct FrameHeadTests {
  private func parse(_ bytes: [UInt8]) -> FrameHead.Outcome { bytes.withUnsafeBytes { FrameHead.parse($0) } }

  private func head(_ opcode: Opcode, _ length: Int, mask: UInt32? = nil) -> FrameHead {
    FrameHead(opcode: opcode, mask: mask, length: length)
  }

  @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 1 << 40])
  func whatIsWrittenIsRead(length: Int) {
    for opcode in [Opcode.continuation, .text, .binary] {
      for (isFinal, isCompressed) in [(true, false), (false, false), (true, true)] {
        for mask: UInt32? in [nil, 0, 0x0102_0304] {
          let head = FrameHead(
            opcode: opcode, isFinal: isFinal, isCompressed: isCompressed, mask: mask, length: length)
          var bytes = [UInt8](repeating: 0, count: FrameHead.longest)
          let size = bytes.withUnsafeMutableBytes { head.write(to: $0) }
          #expect(parse(bytes) == .head(head, size: size))
          for count in 0..<size { #expect(parse(Array(bytes[..<count])) == .incomplete) }
        }
      }
    }
  }

  @Test(arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8])
  func reservedOpcodesAreRefused(opcode: UInt8) {
    #expect(parse([0x80 | opcode, 0]) == .bad("a frame has the reserved opcode \(opcode)"))
  }

  @Test(arguments: [0x10, 0x20, 0x30] as [UInt8])
  func reservedBitsAreRefused(bits: UInt8) {
    guard case .bad = parse([0x81 | bits, 0]) else { return #expect(Bool(false), "it was taken") }
  }

  @Test(arguments: [8, 9, 10] as [UInt8])
  func controlFramesAreShortAndWhole(opcode: UInt8) {
    #expect(parse([opcode, 0]) == .bad("a control frame is fragmented"))
    #expect(parse([0x80 | opcode, 126]) == .bad("a control frame is longer than 125 bytes"))
    #expect(parse([0x80 | opcode, 127]) == .bad("a control frame is longer than 125 bytes"))
    #expect(parse([0x80 | opcode, 125]) == .head(head(Opcode(rawValue: opcode)!, 125), size: 2))
  }

  @Test func aLengthIsInItsShortestForm() {
    let sentence = "a frame's length is not in its shortest form"
    #expect(parse([0x82, 126, 0, 125]) == .bad(sentence))
    #expect(parse([0x82, 126, 0, 126]) == .head(head(.binary, 126), size: 4))
    #expect(parse([0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff]) == .bad(sentence))
    #expect(parse([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]) == .head(head(.binary, 65_536), size: 10))
    #expect(parse([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]) == .bad("a frame's length has its highest bit set"))
  }
}
