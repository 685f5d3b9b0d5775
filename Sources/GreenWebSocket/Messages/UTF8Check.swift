/// Checks text for being UTF-8 as it comes, so that the first byte that cannot be ends the connection and not the last
/// frame of its message (RFC 6455, 8.1).
///
/// By the table of well-formed sequences in the Unicode standard (3.9, table 3-7): no overlong forms, no surrogates, nothing
/// above U+10FFFF.
struct UTF8Check {
  /// How many bytes of a character that has begun are to come.
  private var left = 0
  /// What the next of them may be.
  private var range: ClosedRange<UInt8> = 0x80...0xbf

  /// Whether no character has begun without its end.
  var isAtEnd: Bool { left == 0 }

  /// Takes the next bytes. `false` when they cannot be text, whatever follows.
  mutating func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while index < bytes.count {
      if left == 0 {
        index = UTF8Check.endOfASCII(bytes, from: index)
        if index == bytes.count { return true }
        guard begin(with: bytes[index]) else { return false }
      } else {
        guard range.contains(bytes[index]) else { return false }
        left -= 1
        range = 0x80...0xbf
      }
      index += 1
    }
    return true
  }

  /// The place of the first byte that is not ASCII, or the end.
  private static func endOfASCII(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var index = start
    while index + 8 <= bytes.count {
      if bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { break }
      index += 8
    }
    while index < bytes.count && bytes[index] < 0x80 { index += 1 }
    return index
  }

  /// Begins a character of several bytes.
  private mutating func begin(with byte: UInt8) -> Bool {
    switch byte {
    case 0xc2...0xdf: (left, range) = (1, 0x80...0xbf)
    case 0xe0: (left, range) = (2, 0xa0...0xbf)
    case 0xe1...0xec, 0xee, 0xef: (left, range) = (2, 0x80...0xbf)
    case 0xed: (left, range) = (2, 0x80...0x9f)
    case 0xf0: (left, range) = (3, 0x90...0xbf)
    case 0xf1...0xf3: (left, range) = (3, 0x80...0xbf)
    case 0xf4: (left, range) = (3, 0x80...0x8f)
    default: return false
    }
    return true
  }
}
