/// The line before a chunk: `chunk-size [ chunk-ext ] CRLF`.
extension ChunkParser {
  /// The most digits of a size: a number of 64 bits, zeros in front included.
  private static var mostDigits: Int { 16 }

  /// Takes a byte of the line; the last is its CR.
  mutating func takeOfLine(_ byte: UInt8) -> ChunkFault? {
    switch place {
    case .size: return takeOfSize(byte)
    case .nameStart:
      guard ByteClass.token.contains(byte) else { return .extensions }
      place = .name
    case .name:
      if byte == 0x3d { place = .valueStart } else { return takeOfToken(byte) }
    case .valueStart:
      if byte == 0x22 {
        place = .quoted
      } else if ByteClass.token.contains(byte) {
        place = .value
      } else {
        return .extensions
      }
    case .value: return takeOfToken(byte)
    case .quoted: return takeQuoted(byte)
    case .quotedPair:
      guard byte.isQuotable else { return .extensions }
      place = .quoted
    default: return takeSeparator(byte)
    }
    return nil
  }

  /// One of the size's digits, or what follows them.
  private mutating func takeOfSize(_ byte: UInt8) -> ChunkFault? {
    let digit: UInt8
    switch byte {
    case 0x30...0x39: digit = byte - 0x30
    case 0x41...0x46, 0x61...0x66: digit = (byte | 0x20) - 0x57
    case 0x0d, 0x0a, 0x3b: return digits == 0 ? .size : takeSeparator(byte)
    default: return .size
    }
    if digits == Self.mostDigits || left > Int.max >> 4 { return .sizeTooLarge }
    left = left << 4 | Int(digit)
    digits += 1
    return nil
  }

  private mutating func takeOfToken(_ byte: UInt8) -> ChunkFault? {
    ByteClass.token.contains(byte) ? nil : takeSeparator(byte)
  }

  /// `quoted-string` of RFC 9110, 5.6.4.
  private mutating func takeQuoted(_ byte: UInt8) -> ChunkFault? {
    switch byte {
    case 0x22: place = .quotedEnd
    case 0x5c: place = .quotedPair
    default: if !byte.isQuotable { return .extensions }
    }
    return nil
  }

  /// What ends a size, a name or a value.
  private mutating func takeSeparator(_ byte: UInt8) -> ChunkFault? {
    switch byte {
    case 0x3b: place = .nameStart
    case 0x0d: place = .lineFeed
    case 0x0a: return .lineEnd
    default: return .extensions
    }
    return nil
  }
}

extension UInt8 {
  /// Whether it may stand in a quoted string: no control character but HTAB.
  fileprivate var isQuotable: Bool { self == 0x09 || (self >= 0x20 && self != 0x7f) }
}
