internal import FoundationEssentials

/// How content is written so that every server passes it on: in lines of ASCII, of 76 bytes at most.
enum MailText {
  /// Text as quoted-printable (RFC 2045, 6.7): who reads the source reads most of it. Line ends become CRLF.
  static func quotedPrintable(_ text: String) -> [UInt8] {
    var output: [UInt8] = []
    for line in lines(text) {
      var width = 0
      for (index, byte) in line.enumerated() {
        let isLast = index == line.count - 1
        let isBlank = byte == 0x20 || byte == 0x09
        let isPlain = (byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "=")) || (isBlank && !isLast)
        if width + (isPlain ? 1 : 3) > 75 {
          output += [UInt8(ascii: "="), 0x0d, 0x0a]
          width = 0
        }
        if isPlain {
          output.append(byte)
          width += 1
        } else {
          output += [UInt8(ascii: "="), hex(byte >> 4), hex(byte & 15)]
          width += 3
        }
      }
      output += [0x0d, 0x0a]
    }
    return output
  }

  /// Bytes in Base64 (RFC 2045, 6.8).
  static func base64(_ bytes: [UInt8]) -> [UInt8] {
    let text = Array(Data(bytes).base64EncodedString().utf8)
    var output: [UInt8] = []
    output.reserveCapacity(text.count + text.count / 38 + 2)
    for start in stride(from: 0, to: text.count, by: 76) {
      output += text[start..<min(start + 76, text.count)]
      output += [0x0d, 0x0a]
    }
    return output
  }

  /// The lines of a text, whose ends may be LF, CR and CRLF.
  private static func lines(_ text: String) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var line: [UInt8] = []
    var wasReturn = false
    for byte in text.utf8 {
      if byte == 0x0a && wasReturn {
        wasReturn = false
        continue
      }
      wasReturn = byte == 0x0d
      if byte == 0x0a || byte == 0x0d {
        lines.append(line)
        line = []
      } else {
        line.append(byte)
      }
    }
    if !line.isEmpty || lines.isEmpty { lines.append(line) }
    return lines
  }

  private static func hex(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x41 + digit - 10 }
}
