/// Text that came from outside, as logs and reports write it: whatever it is, it neither ends a line nor speaks to a
/// terminal.
package enum LogText {
  /// A control character becomes `\x1b`, those above `\xff` `\u{2028}`; with `quoting`, a quote becomes `\"` and a
  /// backslash `\\`, for text between quotes.
  package static func escaped(_ text: String, quoting: Bool = true) -> String {
    if isPlain(text, quoting: quoting) { return text }
    var result = ""
    for scalar in text.unicodeScalars { append(scalar, to: &result, quoting: quoting) }
    return result
  }

  /// A message, which may have several lines: each after the first is marked by ``continuation``, so that none can be
  /// taken for a line of its own.
  package static func message(_ text: String) -> String {
    if isPlain(text, quoting: false) { return text }
    var result = ""
    let text = text.utf8.last == 0x0a ? text.dropLast() : text[...]
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\n" + continuation
      case "\t": result += "\t"
      default: append(scalar, to: &result, quoting: false)
      }
    }
    return result
  }

  /// What a message's second and later lines begin with.
  package static let continuation = "  | "

  /// Whether nothing is to be escaped. The bytes say so: C2 leads the C1 controls, and D8 and E2 those of Unicode.
  private static func isPlain(_ text: String, quoting: Bool) -> Bool {
    text.utf8.allSatisfy {
      $0 >= 0x20 && $0 != 0x7f && $0 != 0xc2 && $0 != 0xd8 && $0 != 0xe2 && !(quoting && ($0 == 0x22 || $0 == 0x5c))
    }
  }

  private static func append(_ scalar: Unicode.Scalar, to result: inout String, quoting: Bool) {
    switch scalar.value {
    case 0x22 where quoting: result += "\\\""
    case 0x5c where quoting: result += "\\\\"
    // C0, DEL and C1: some terminals obey the latter too.
    case 0..<0x20, 0x7f..<0xa0:
      result += scalar.value < 16 ? "\\x0" : "\\x"
      result += String(scalar.value, radix: 16)
    // The ends of a line and of a paragraph, and what turns the direction of text, unseen.
    case 0x61c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
}
