/// The text of a name, byte by byte: `\032` is the byte 32, and `\.` a dot within a label (RFC 1035 section 5.1, RFC 6763
/// section 4.3).
struct DNSNamePieces {
  enum Piece: Equatable {
    /// A byte of a label.
    case byte(UInt8)
    /// The end of a label.
    case dot
    /// The text is no name: why.
    case fault(String)
  }

  private var rest: ArraySlice<UInt8>

  init(_ name: String) { rest = Array(name.utf8)[...] }

  mutating func next() -> Piece? {
    guard let byte = rest.popFirst() else { return nil }
    if byte == UInt8(ascii: ".") { return .dot }
    return byte == UInt8(ascii: "\\") ? escaped() : .byte(byte)
  }

  private mutating func escaped() -> Piece {
    guard let byte = rest.popFirst() else { return .fault("it ends in a backslash") }
    guard Self.isDigit(byte) else { return .byte(byte) }
    let digits: [UInt8] = [byte] + rest.prefix(2)
    rest = rest.dropFirst(2)
    let number = digits.reduce(0) { $0 * 10 + Int($1) - Int(UInt8(ascii: "0")) }
    guard digits.count == 3, digits.allSatisfy(Self.isDigit), let value = UInt8(exactly: number) else {
      return .fault("it has a backslash before a number that is not one of three digits, up to 255")
    }
    return .byte(value)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
