/// The head of a frame (RFC 6455, 5.2).
struct FrameHead: Equatable {
  var opcode: Opcode
  /// Whether it is the last frame of its message.
  var isFinal = true
  /// RSV1: the first frame of a message that is compressed (RFC 7692, 6).
  var isCompressed = false
  /// What the payload is masked with; `nil` where it is not.
  var mask: UInt32?
  /// Of the payload, in bytes.
  var length: Int

  /// The most that a head takes: two bytes, eight of length, four of mask.
  static let longest = 14

  enum Outcome: Equatable {
    /// More bytes are needed to tell.
    case incomplete
    case head(FrameHead, size: Int)
    /// It breaks the protocol: a sentence that says how.
    case bad(String)
  }

  /// Reads a head from the start of `bytes`. Whether the peer is to mask is not looked at.
  static func parse(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    guard bytes.count >= 2 else { return .incomplete }
    let first = bytes[0]
    let second = bytes[1]
    if first & 0x30 != 0 { return .bad("a frame has RSV2 or RSV3 set, which no extension that was agreed on defines") }
    guard let opcode = Opcode(rawValue: first & 0x0f) else {
      return .bad("a frame has the reserved opcode \(first & 0x0f)")
    }
    var head = FrameHead(opcode: opcode, isFinal: first & 0x80 != 0, isCompressed: first & 0x40 != 0, length: 0)
    let short = Int(second & 0x7f)
    if opcode.isControl {
      if !head.isFinal { return .bad("a control frame is fragmented") }
      if short > 125 { return .bad("a control frame is longer than 125 bytes") }
    }
    let lengthSize = short == 127 ? 8 : short == 126 ? 2 : 0
    let maskSize = second & 0x80 != 0 ? 4 : 0
    let size = 2 + lengthSize + maskSize
    guard bytes.count >= size else { return .incomplete }
    switch short {
    case 126:
      head.length = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
      if head.length < 126 { return .bad("a frame's length is not in its shortest form") }
    case 127:
      let length = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
      if length >> 63 != 0 { return .bad("a frame's length has its highest bit set") }
      if length < 65_536 { return .bad("a frame's length is not in its shortest form") }
      head.length = Int(length)
    default:
      head.length = short
    }
    if maskSize > 0 { head.mask = bytes.loadUnaligned(fromByteOffset: 2 + lengthSize, as: UInt32.self) }
    return .head(head, size: size)
  }

  /// Writes the head to `bytes`, which has room for ``longest``, and returns how many bytes it takes.
  func write(to bytes: UnsafeMutableRawBufferPointer) -> Int {
    bytes[0] = (isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode.rawValue
    let masked: UInt8 = mask == nil ? 0 : 0x80
    var size = 2
    if length < 126 {
      bytes[1] = masked | UInt8(length)
    } else if length < 65_536 {
      bytes[1] = masked | 126
      bytes.storeBytes(of: UInt16(length).bigEndian, toByteOffset: 2, as: UInt16.self)
      size = 4
    } else {
      bytes[1] = masked | 127
      bytes.storeBytes(of: UInt64(length).bigEndian, toByteOffset: 2, as: UInt64.self)
      size = 10
    }
    guard let mask else { return size }
    bytes.storeBytes(of: mask, toByteOffset: size, as: UInt32.self)
    return size + 4
  }
}
