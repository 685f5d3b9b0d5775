/// Whom a mail is from, or for.
public struct MailAddress: Sendable, Hashable {
  /// The address itself: `ada@example.org`.
  public let address: String
  /// The person's or the service's name, which is shown beside it.
  public let name: String?

  /// An address, with the name that is shown.
  ///
  /// - Throws: ``MailError/address(_:)`` where it is not one that SMTP can carry (RFC 5321, 4.1.2): letters of ASCII
  ///   alone, without spaces and quotes, and a domain. ``MailError/field(_:)`` where the name has control characters.
  public init(_ address: String, name: String? = nil) throws {
    let parts = address.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count == 2, (1...64).contains(parts[0].count), (1...255).contains(parts[1].count),
      parts[0].allSatisfy(\.isOfLocalPart), parts[1].allSatisfy(\.isOfDomain), Self.isDomain(parts[1])
    else { throw MailError.address(address) }
    try MailField.check("a name", name ?? "")
    self.address = address
    self.name = name
  }

  /// The domain, behind the `@`.
  var domain: Substring { address.split(separator: "@")[1] }

  private static func isDomain(_ domain: Substring.UTF8View) -> Bool {
    domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
      (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
    }
  }
}

extension UInt8 {
  fileprivate var isOfDomain: Bool {
    (self | 0x20) &- 0x61 < 26 || self &- 0x30 < 10 || self == UInt8(ascii: "-") || self == UInt8(ascii: ".")
  }
  /// RFC 5322, 3.2.3, `atext`, and dots.
  fileprivate var isOfLocalPart: Bool { isOfDomain || "!#$%&'*+/=?^_`{|}~".utf8.contains(self) }
}
