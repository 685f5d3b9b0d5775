/// What a host name may be, and how the text of a name in the DNS is read and written: RFC 1035 section 5.1.
enum DNSName {
  /// Why the text cannot be a name in the DNS, `nil` when it can: RFC 1035 section 2.3.4.
  static func fault(in name: String) -> String? {
    var total = 0
    var label = 0
    var emptyLabels = 0
    var pieces = DNSNamePieces(name)
    while let piece = pieces.next() {
      total += 1
      switch piece {
      case .fault(let reason): return reason
      case .byte(0): return "it contains a null byte"
      case .byte:
        // Something follows the empty label: it was not the root's.
        if emptyLabels > 0 { return "it has an empty label" }
        label += 1
        if label > 63 { return "one of its labels is longer than 63 bytes" }
      case .dot:
        if label == 0 { emptyLabels += 1 }
        label = 0
      }
    }
    if total == 0 { return "it is empty" }
    if emptyLabels > 0 && total > 1 { return "it has an empty label" }
    return total > (label == 0 ? 254 : 253) ? "it is longer than 253 bytes" : nil
  }

  /// The name as ``DNSCursor/name()`` reads it from a message: without a dot at its end, and with each unusual byte
  /// escaped, however it was written. What is no name stays as it is.
  static func canonical(_ name: String) -> String {
    if name.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || isPlain($0) }) {
      return name.hasSuffix(".") ? String(name.dropLast()) : name
    }
    var text: [UInt8] = []
    var pieces = DNSNamePieces(name)
    var endsInDot = false
    while let piece = pieces.next() {
      endsInDot = false
      switch piece {
      case .fault: return name
      case .byte(let byte): append(byte, to: &text)
      case .dot:
        text.append(UInt8(ascii: "."))
        endsInDot = true
      }
    }
    if endsInDot { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }

  /// The name as `ares_create_query(3)` takes it, which knows no numbers in escapes before its release 1.22: each byte
  /// as it is, and a backslash before those that would be misread. (Later releases may refuse bytes that no host's name
  /// has.)
  static func withoutNumbers(_ name: String) -> [CChar] {
    var text: [CChar] = []
    var pieces = DNSNamePieces(name)
    while let piece = pieces.next() {
      switch piece {
      case .fault: break
      case .dot: text.append(CChar(truncatingIfNeeded: UInt8(ascii: ".")))
      case .byte(let byte):
        let isSpecial = byte == UInt8(ascii: ".") || byte == UInt8(ascii: "\\")
        if isSpecial { text.append(CChar(truncatingIfNeeded: UInt8(ascii: "\\"))) }
        text.append(CChar(truncatingIfNeeded: byte))
      }
    }
    return text + [0]
  }

  /// Adds a byte of a label, escaped where it would be misread.
  static func append(_ byte: UInt8, to text: inout [UInt8]) {
    if isPlain(byte) {
      text.append(byte)
    } else if (0x21...0x7e).contains(byte) {
      text += [UInt8(ascii: "\\"), byte]
    } else {
      text += [UInt8(ascii: "\\")] + [byte / 100, byte / 10 % 10, byte % 10].map { UInt8(ascii: "0") + $0 }
    }
  }

  /// Whether a byte of a label stands for itself.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: ";"), UInt8(ascii: "("),
      UInt8(ascii: ")"), UInt8(ascii: "@"), UInt8(ascii: "$"):
      false
    default: (0x21...0x7e).contains(byte)
    }
  }

  /// Whether it is a host's name: letters, digits, `-` and `_`, and no `-` at the beginning, where a program could take
  /// it for an option. The C library's rule, `res_hnok(3)`: other names are not asked for, and not believed.
  static func isHostName(_ name: String) -> Bool {
    guard fault(in: name) == nil, name.utf8.first != UInt8(ascii: "-") else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        true
      default: false
      }
    }
  }
}
