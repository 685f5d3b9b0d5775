/// The lines of a configuration file and their fields, as bytes: these files have no encoding.
enum Fields {
  typealias Bytes = ArraySlice<UInt8>

  /// The lines, without what follows one of the `comment` characters.
  static func lines(_ file: [UInt8], comment: [UInt8] = [UInt8(ascii: "#")]) -> [Bytes] {
    file.split(separator: UInt8(ascii: "\n")).map { line in line.prefix { !comment.contains($0) } }
  }

  /// What stands between white space.
  static func fields(_ line: Bytes) -> [Bytes] { line.split(whereSeparator: isSpace) }

  static func texts(_ line: Bytes) -> [String] { fields(line).map { String(decoding: $0, as: UTF8.self) } }

  /// `isspace(3)` of the C locale.
  static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}

extension UInt8 {
  /// The byte, in lower case where it is an ASCII letter: names are compared so, RFC 4343.
  @inline(__always)
  var lowercased: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}
