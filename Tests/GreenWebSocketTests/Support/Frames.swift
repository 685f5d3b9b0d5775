@testable import GreenWebSocket

/// A frame as a client sends it, which the tests may make wrong.
func frame(
  _ opcode: UInt8, _ payload: [UInt8] = [], isFinal: Bool = true, bits: UInt8 = 0, isMasked: Bool = true
) -> [UInt8] {
  let key: [UInt8] = [0x11, 0x9a, 0x03, 0xf7]
  var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | bits | opcode]
  let flag: UInt8 = isMasked ? 0x80 : 0
  switch payload.count {
  case ..<126: bytes.append(flag | UInt8(payload.count))
  case ..<65_536: bytes += [flag | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
  default: bytes += [flag | 127] + (0..<8).map { UInt8(payload.count >> (56 - 8 * $0) & 0xff) }
  }
  return isMasked ? bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] } : bytes + payload
}

func text(_ text: String, isFinal: Bool = true) -> [UInt8] { frame(1, Array(text.utf8), isFinal: isFinal) }
func more(_ text: String, isFinal: Bool) -> [UInt8] { frame(0, Array(text.utf8), isFinal: isFinal) }
func closing(_ code: Int, _ reason: String = "") -> [UInt8] {
  frame(8, [UInt8(code >> 8), UInt8(code & 0xff)] + Array(reason.utf8))
}
