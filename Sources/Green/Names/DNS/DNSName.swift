/// What a host name may be.
enum DNSName {
  /// Why the text cannot be a name in the DNS, `nil` when it can: RFC 1035 section 2.3.4.
  static func fault(in name: String) -> String? {
    var total = 0
    var label = 0
    var emptyLabels = 0
    for byte in name.utf8 {
      total += 1
      if byte == 0 { return "it contains a null byte" }
      guard byte == UInt8(ascii: ".") else {
        // Something follows the empty label: it was not the root's.
        if emptyLabels > 0 { return "it has an empty label" }
        label += 1
        if label > 63 { return "one of its labels is longer than 63 bytes" }
        continue
      }
      if label == 0 { emptyLabels += 1 }
      label = 0
    }
    if total == 0 { return "it is empty" }
    if emptyLabels > 0 && total > 1 { return "it has an empty label" }
    return total > (label == 0 ? 254 : 253) ? "it is longer than 253 bytes" : nil
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
