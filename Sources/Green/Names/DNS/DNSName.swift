/// What a host name may be.
enum DNSName {
  /// Why the text cannot be a name in the DNS, `nil` when it can: RFC 1035 section 2.3.4.
  static func fault(in name: String) -> String? {
    let bytes = name.utf8
    let absolute = bytes.last == UInt8(ascii: ".") ? bytes.dropLast() : bytes[...]
    if bytes.isEmpty { return "it is empty" }
    if bytes.contains(0) { return "it contains a null byte" }
    if absolute.count > 253 { return "it is longer than 253 bytes" }
    if absolute.isEmpty { return nil }
    for label in absolute.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
      if label.isEmpty { return "it has an empty label" }
      if label.count > 63 { return "one of its labels is longer than 63 bytes" }
    }
    return nil
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
