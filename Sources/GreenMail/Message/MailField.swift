internal import FoundationEssentials

/// Fields of a mail's head (RFC 5322, 2.2), with text of any language in them (RFC 2047).
enum MailField {
  /// Throws where a text would end its field and begin another.
  static func check(_ what: String, _ text: String) throws {
    if text.unicodeScalars.contains(where: {
      $0.value < 0x20 || $0.value == 0x7f || (0x80...0x9f).contains($0.value) || $0 == "\u{2028}" || $0 == "\u{2029}"
    }) {
      throw MailError.field(what)
    }
  }

  /// A text as it stands in a field: as it is, or in encoded words.
  static func text(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f } && !text.contains("=?") && text.utf8.count <= 60
    return isPlain ? text : encodedWords(text)
  }

  /// RFC 2047, 2: words of 75 bytes at most, of whole characters.
  private static func encodedWords(_ text: String) -> String {
    var words: [String] = []
    var word: [UInt8] = []
    for character in text.unicodeScalars {
      let bytes = Array(String(character).utf8)
      // 45 bytes are 60 in Base64.
      if word.count + bytes.count > 45 {
        words.append(encoded(word))
        word = []
      }
      word += bytes
    }
    if !word.isEmpty { words.append(encoded(word)) }
    return words.joined(separator: "\r\n ")
  }

  private static func encoded(_ bytes: [UInt8]) -> String { "=?UTF-8?B?\(Data(bytes).base64EncodedString())?=" }

  /// An address with its name: `"Ada, Countess" <ada@example.org>`.
  static func address(_ address: MailAddress) -> String {
    guard let name = address.name, !name.isEmpty else { return address.address }
    let isPlain = name.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f } && !name.contains("=?") && name.utf8.count <= 60
    guard isPlain else { return "\(encodedWords(name)) <\(address.address)>" }
    let quoted = name.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
    return "\"\(quoted)\" <\(address.address)>"
  }

  /// Addresses, one a line.
  static func addresses(_ all: [MailAddress]) -> String { all.map(address).joined(separator: ",\r\n ") }

  /// A file's name as a parameter: as RFC 2231 has it where it is more than plain ASCII.
  static func filename(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy {
      $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
    }
    if isPlain && name.utf8.count <= 60 { return "filename=\"\(name)\"" }
    let encoded = name.utf8.map { byte -> String in
      let isPlain = (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2e || byte == 0x2d || byte == 0x5f
      let hex = String(byte, radix: 16, uppercase: true)
      return isPlain ? String(UnicodeScalar(byte)) : "%" + (hex.count == 1 ? "0\(hex)" : hex)
    }
    return "\r\n filename*=UTF-8''\(encoded.joined())"
  }
}
