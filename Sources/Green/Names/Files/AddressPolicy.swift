internal import Glibc

/// The tables by which addresses are ordered, RFC 6724 section 2.1: the C library's own, or those of `/etc/gai.conf`
/// (`gai.conf(5)`), by which administrators prefer IPv4.
struct AddressPolicy {
  struct Entry {
    let prefix: IPAddress
    /// How many of the 128 bits count; an IPv4 prefix is mapped.
    let bits: Int
    let value: Int
  }

  private var labels: [Entry]
  private var precedences: [Entry]
  private var scopes: [Entry]

  init(_ bytes: [UInt8] = []) {
    var labels: [Entry] = []
    var precedences: [Entry] = []
    var scopes: [Entry] = []
    for line in Fields.lines(bytes) {
      let fields = Fields.texts(line)
      guard fields.count > 2 else { continue }
      switch fields[0] {
      case "label": Self.entry(fields).map { labels.append($0) }
      case "precedence": Self.entry(fields).map { precedences.append($0) }
      case "scopev4": Self.mappedEntry(fields).map { scopes.append($0) }
      default: break
      }
    }
    // A table in the file replaces the built-in one.
    self.labels = Self.table(labels, default: 1, or: Self.standardLabels)
    self.precedences = Self.table(precedences, default: 40, or: Self.standardPrecedences)
    self.scopes = Self.table(scopes, default: 14, or: Self.standardScopes)
  }

  func label(_ address: IPAddress) -> Int { Self.value(labels, address.mapped) }

  func precedence(_ address: IPAddress) -> Int { Self.value(precedences, address.mapped) }

  /// RFC 4291 section 2.7 for IPv6, the table for IPv4.
  func scope(_ address: IPAddress) -> Int {
    if address.isIPv4 { return Self.value(scopes, address.mapped) }
    if address.isMulticast { return Int(address.high >> 48 & 15) }
    if address.isLinkLocal || address.isLoopback { return 2 }
    return address.isSiteLocal ? 5 : 14
  }

  /// The most specific entry's value; the last entry of each table matches everything.
  private static func value(_ table: [Entry], _ address: IPAddress) -> Int {
    table.first { address.matches($0.prefix, bits: $0.bits) }?.value ?? 0
  }

  private static func table(_ entries: [Entry], default value: Int, or standard: [Entry]) -> [Entry] {
    guard !entries.isEmpty else { return standard }
    let all = entries + [Entry(prefix: .any6, bits: 0, value: value)]
    // Stable: of two entries for one prefix the first counts.
    return all.enumerated().sorted { ($1.element.bits, $0.offset) < ($0.element.bits, $1.offset) }.map(\.element)
  }

  /// `KEYWORD PREFIX/BITS VALUE`; `nil` where that is not well formed, which leaves the line out.
  private static func entry(_ fields: [String], _ family: CInt = AF_INET6) -> Entry? {
    let parts = fields[1].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let width = family == AF_INET ? 32 : 128
    guard let text = parts.first, let prefix = IPAddress(strict: String(text), family),
      let bits = parts.count == 2 ? Int(parts[1]) : width, (0...width).contains(bits), let value = Int(fields[2]),
      (0...Int(Int32.max)).contains(value)
    else { return nil }
    return Entry(prefix: prefix.mapped, bits: bits + 128 - width, value: value)
  }

  private static func mappedEntry(_ fields: [String]) -> Entry? {
    if let entry = entry(fields, AF_INET) { return entry }
    guard let entry = entry(fields), entry.prefix.isMapped, entry.bits >= 96 else { return nil }
    return entry
  }

  // The defaults of glibc, which differ from RFC 6724 section 2.1 in the entries for site-local and unique local
  // addresses and for Teredo: `gai.conf(5)` lists them.
  private static let loopback = IPAddress.loopback6
  private static let sixToFour = IPAddress(v6: 0x2002 << 48, 0)
  private static let mapped = IPAddress(v6: 0, 0xffff << 32)
  private static let standardLabels = [
    Entry(prefix: loopback, bits: 128, value: 0), Entry(prefix: .any6, bits: 96, value: 3),
    Entry(prefix: mapped, bits: 96, value: 4), Entry(prefix: IPAddress(v6: 0x2001 << 48, 0), bits: 32, value: 7),
    Entry(prefix: sixToFour, bits: 16, value: 2), Entry(prefix: IPAddress(v6: 0xfec0 << 48, 0), bits: 10, value: 5),
    Entry(prefix: IPAddress(v6: 0xfc00 << 48, 0), bits: 7, value: 6), Entry(prefix: .any6, bits: 0, value: 1),
  ]
  private static let standardPrecedences = [
    Entry(prefix: loopback, bits: 128, value: 50), Entry(prefix: .any6, bits: 96, value: 20),
    Entry(prefix: mapped, bits: 96, value: 10), Entry(prefix: sixToFour, bits: 16, value: 30),
    Entry(prefix: .any6, bits: 0, value: 40),
  ]
  private static let standardScopes = [
    Entry(prefix: IPAddress(v4: 0xa9fe_0000).mapped, bits: 112, value: 2),
    Entry(prefix: IPAddress(v4: 0x7f00_0000).mapped, bits: 104, value: 2), Entry(prefix: .any6, bits: 0, value: 14),
  ]
}
