internal import Glibc

// Addresses as text, as getaddrinfo(3) reads them and getnameinfo(3) writes them.
extension IPAddress {
  /// The address that the text is, exactly: dotted IPv4 in all the forms of `inet_aton(3)` ("127.1", "0x7f.0.0.1"),
  /// IPv6 with or without a scope ("fe80::1%eth0"). `nil` when it is none.
  package init?(text: String) {
    if let address = IPAddress(v4Text: text) {
      self = address
      return
    }
    guard text.utf8.contains(UInt8(ascii: ":")) else { return nil }
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, var address = IPAddress(strict: String(first), AF_INET6) else { return nil }
    if parts.count == 2 {
      guard let scope = address.scope(named: String(parts[1])) else { return nil }
      address.scope = scope
    }
    self = address
  }

  /// As `inet_pton(3)` reads it, without a scope; of either family, or of the one given.
  package init?(strict text: String, _ family: CInt = AF_UNSPEC) {
    guard !text.utf8.contains(0) else { return nil }
    if family != AF_INET6 {
      var address = in_addr()
      if inet_pton(AF_INET, text, &address) == 1 {
        self.init(v4: UInt32(bigEndian: address.s_addr))
        return
      }
    }
    var address = in6_addr()
    guard family != AF_INET, inet_pton(AF_INET6, text, &address) == 1 else { return nil }
    guard let read = withUnsafeBytes(of: address, { IPAddress($0) }) else { return nil }
    self = read
  }

  /// `inet_aton(3)`, except for text that follows the address, which that function lets pass.
  init?(v4Text text: String) {
    let isPlausible =
      (text.utf8.first.map { (0x30...0x39).contains($0) } ?? false)
      && text.utf8.allSatisfy { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "x") || $0.isHexadecimal }
    var address = in_addr()
    guard isPlausible, inet_aton(text, &address) != 0 else { return nil }
    self.init(v4: UInt32(bigEndian: address.s_addr))
  }

  /// The scope identifier of a name: an interface where the address is of link scope, else a number.
  private func scope(named name: String) -> UInt32? {
    guard !name.isEmpty, !name.utf8.contains(0) else { return nil }
    if isLinkLocal || high >> 48 & 0xff0f == 0xff02 {
      let index = if_nametoindex(name)
      if index != 0 { return index }
    }
    guard name.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
    return UInt32(name)
  }

  /// The address as text, with its scope: by the interface's name where the address is of link scope.
  package var text: String {
    guard scope != 0 else { return plainText }
    if isLinkLocal || high >> 48 & 0xff0f == 0xff02 {
      var name = [CChar](repeating: 0, count: Int(IFNAMSIZ))
      if if_indextoname(scope, &name) != nil {
        return plainText + "%" + String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      }
    }
    return plainText + "%\(scope)"
  }

  private var plainText: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
      let bytes = bytes
      return inet_ntop(family, bytes, buffer.baseAddress, socklen_t(buffer.count)).map { String(cString: $0) } ?? ""
    }
  }

  /// The name under which the DNS keeps the address's names: RFC 1035 section 3.5, RFC 3596 section 2.5.
  var reverseName: String {
    if isIPv4 { return bytes.reversed().map { "\($0)" }.joined(separator: ".") + ".in-addr.arpa" }
    let digits = bytes.reversed().flatMap { [$0 & 15, $0 >> 4] }
    return digits.map { String($0, radix: 16) }.joined(separator: ".") + ".ip6.arpa"
  }
}

extension UInt8 {
  fileprivate var isHexadecimal: Bool {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }
}
