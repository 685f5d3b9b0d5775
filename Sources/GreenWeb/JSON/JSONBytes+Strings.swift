internal import Glibc

extension JSONBytes {
  /// A string in quotes (RFC 8259, 7), with what must be escaped and nothing else.
  ///
  /// - Returns: whether it stands there as it is, and is ASCII.
  @discardableResult
  mutating func append(quoted text: String) -> Bool {
    append(UInt8(ascii: "\""))
    var text = text
    let isPlain = text.withUTF8 { append(escaping: $0) }
    append(UInt8(ascii: "\""))
    return isPlain
  }

  /// Copies the text as if nothing in it had to be escaped, and looks at the copy, eight bytes at a time: there spaces can be
  /// put after its end. Most texts are done then.
  private mutating func append(escaping text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let base = text.baseAddress else { return true }
    reserve(text.count + 8)
    let copy = UnsafeMutableRawPointer(start + count)
    memcpy(copy, base, text.count)
    copy.storeBytes(of: JSONWord.spaces, toByteOffset: text.count, as: UInt64.self)
    var seen: UInt64 = 0
    var offset = 0
    while offset < text.count {
      let word = copy.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      if JSONWord.hasEscape(word) { break }
      seen |= word
      offset &+= 8
    }
    if offset >= text.count {
      truncate(to: count + text.count)
      return seen & JSONWord.highBits == 0
    }
    truncate(to: count + offset)
    for byte in text[offset...] { append(escaping: byte) }
    return false
  }

  private mutating func append(escaping byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append(#"\""#)
    case UInt8(ascii: "\\"): append(#"\\"#)
    case 0x08: append(#"\b"#)
    case 0x09: append(#"\t"#)
    case 0x0A: append(#"\n"#)
    case 0x0C: append(#"\f"#)
    case 0x0D: append(#"\r"#)
    case ..<0x20:
      append(byte < 0x10 ? #"\u000"# : #"\u001"#)
      let digit = byte & 0x0F
      append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    default: append(byte)
    }
  }

  /// The text of a string that lies between quotes in this range, as ``append(quoted:)`` has written it.
  func text(_ range: Range<Int>) -> String {
    var bytes: [UInt8] = []
    var rest = part(range)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
        bytes.append(byte)
        continue
      }
      switch kind {
      case UInt8(ascii: "b"): bytes.append(0x08)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "f"): bytes.append(0x0C)
      case UInt8(ascii: "r"): bytes.append(0x0D)
      case UInt8(ascii: "u"):
        bytes.append(UInt8(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16) ?? 0)
        rest = rest.dropFirst(4)
      default: bytes.append(kind)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Eight bytes of a text, looked at together (Mycroft's test for a zero among them, 1987).
enum JSONWord {
  static let highBits: UInt64 = 0x8080_8080_8080_8080
  static let spaces: UInt64 = 0x2020_2020_2020_2020
  private static let ones: UInt64 = 0x0101_0101_0101_0101

  /// Whether one of them is a quote, a backslash or a control character, which must be escaped.
  @inline(__always)
  static func hasEscape(_ word: UInt64) -> Bool {
    let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
    let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
    let controls = (word &- spaces) & ~word
    return (controls | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)) & highBits != 0
  }
}
