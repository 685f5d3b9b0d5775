// Text that comes from outside is taken apart by its bytes. A `Character` is more than that: a comma that a mark follows which
// combines, such as U+0301, or that a sign goes before which does, such as U+0600, is another one, and U+037E is a semicolon.

extension StringProtocol {
  /// The pieces between the places of an ASCII character, empty ones too.
  ///
  /// - Parameter most: how many pieces there may be: the last has the rest.
  package func pieces(between separator: Unicode.Scalar, most: Int = .max) -> [SubSequence] {
    utf8.split(separator: UInt8(ascii: separator), maxSplits: most - 1, omittingEmptySubsequences: false)
      .map { self[$0.startIndex..<$0.endIndex] }
  }

  /// The lines, which end in LF or CRLF, without their ends. What follows the last end is one more.
  package var lines: [SubSequence] {
    pieces(between: "\n").map { line in
      line.ends(with: "\r") ? line[..<line.utf8.index(line.startIndex, offsetBy: line.utf8.count - 1)] : line
    }
  }

  /// What stands before an ASCII character; all where there is none.
  package func before(_ mark: Unicode.Scalar) -> SubSequence {
    self[..<(utf8.firstIndex(of: UInt8(ascii: mark)) ?? endIndex)]
  }

  /// Without its first bytes, which are ASCII.
  package func dropping(bytes count: Int) -> SubSequence {
    self[(utf8.index(startIndex, offsetBy: count, limitedBy: endIndex) ?? endIndex)...]
  }

  /// Whether the text begins with an ASCII text.
  package func begins(with start: String) -> Bool { utf8.starts(with: start.utf8) }

  /// Whether the text ends with an ASCII text.
  package func ends(with end: String) -> Bool { utf8.suffix(end.utf8.count).elementsEqual(end.utf8) }

  /// Without the blanks around it: `OWS` of RFC 9110, 5.6.3.
  package var trimmed: String {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    guard let start = utf8.firstIndex(where: { !isBlank($0) }) else { return "" }
    var end = start
    for index in utf8[start...].indices where !isBlank(utf8[index]) { end = utf8.index(after: index) }
    return String(self[start..<end])
  }
}
