internal import Glibc

/// An IPv4 or IPv6 address without a port, as a value that can be compared and searched for.
///
/// An IPv4 address is kept as its mapped form `::ffff:a.b.c.d`, which is what the tables of RFC 6724 are written for;
/// the family tells it from an IPv6 address with the same bits.
package struct IPAddress: Hashable, Sendable {
  /// `AF_INET` or `AF_INET6`.
  var family: CInt
  /// The 128 bits, most significant first.
  package var high: UInt64
  package var low: UInt64
  /// The scope identifier of an IPv6 address, 0 for none.
  var scope: UInt32 = 0

  private static let mappedPrefix: UInt64 = 0xffff_0000_0000

  init(v4 address: UInt32) {
    family = AF_INET
    high = 0
    low = Self.mappedPrefix | UInt64(address)
  }

  init(v6 high: UInt64, _ low: UInt64, scope: UInt32 = 0) {
    family = AF_INET6
    self.high = high
    self.low = low
    self.scope = scope
  }

  /// From 4 or 16 bytes in network order; `nil` for any other number.
  package init?(_ bytes: some Collection<UInt8>) {
    switch bytes.count {
    case 4: self.init(v4: bytes.reduce(0) { $0 << 8 | UInt32($1) })
    case 16:
      self.init(
        v6: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }, bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) })
    default: return nil
    }
  }

  init?(_ address: UnsafePointer<sockaddr>) {
    let raw = UnsafeRawPointer(address)
    switch CInt(address.pointee.sa_family) {
    case AF_INET:
      self.init(v4: UInt32(bigEndian: raw.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
    case AF_INET6:
      let whole = raw.loadUnaligned(as: sockaddr_in6.self)
      guard var address = withUnsafeBytes(of: whole.sin6_addr, { IPAddress($0) }) else { return nil }
      address.scope = whole.sin6_scope_id
      self = address
    default: return nil
    }
  }

  package init?(_ address: SocketAddress) {
    guard let address = address.withSockaddr({ pointer, _ in IPAddress(pointer) }) else { return nil }
    self = address
  }

  static let loopback4 = IPAddress(v4: 0x7f00_0001)
  static let loopback6 = IPAddress(v6: 0, 1)
  static let any4 = IPAddress(v4: 0)
  static let any6 = IPAddress(v6: 0, 0)

  /// The IPv4 address, also of a mapped one.
  var v4: UInt32 { UInt32(truncatingIfNeeded: low) }
  package var isIPv4: Bool { family == AF_INET }
  /// `::ffff:0:0/96`, RFC 4291 section 2.5.5.2.
  package var isMapped: Bool { family == AF_INET6 && high == 0 && low >> 32 == 0xffff }
  var isLoopback: Bool { isIPv4 ? v4 >> 24 == 127 : self == .loopback6 }
  var isLinkLocal: Bool { isIPv4 ? v4 >> 16 == 0xa9fe : high >> 54 == 0xfe80 >> 6 }
  var isSiteLocal: Bool { !isIPv4 && high >> 54 == 0xfec0 >> 6 }
  var isMulticast: Bool { !isIPv4 && high >> 56 == 0xff }

  /// The same address as an IPv6 one, mapped where it is IPv4.
  var mapped: IPAddress { isIPv4 ? IPAddress(v6: high, low) : self }

  /// How many leading bits two addresses of one family share.
  func commonPrefix(_ other: IPAddress) -> Int {
    if isIPv4 { return (v4 ^ other.v4).leadingZeroBitCount }
    return high != other.high ? (high ^ other.high).leadingZeroBitCount : 64 + (low ^ other.low).leadingZeroBitCount
  }

  /// Whether the first `bits` of the 128 are those of `other`.
  package func matches(_ other: IPAddress, bits: Int) -> Bool {
    let difference =
      high != other.high ? (high ^ other.high).leadingZeroBitCount : 64 + (low ^ other.low).leadingZeroBitCount
    return difference >= bits
  }

  /// 4 or 16 bytes in network order.
  var bytes: [UInt8] {
    if isIPv4 { return (0..<4).map { UInt8(truncatingIfNeeded: v4 >> (24 - 8 * $0)) } }
    return [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
  }

  package func socketAddress(port: UInt16) -> SocketAddress {
    if isIPv4 {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr.s_addr = v4.bigEndian
      return SocketAddress(whole: address)
    }
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = port.bigEndian
    address.sin6_scope_id = scope
    withUnsafeMutableBytes(of: &address.sin6_addr) {
      $0.storeBytes(of: high.bigEndian, as: UInt64.self)
      $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    return SocketAddress(whole: address)
  }
}

extension SocketAddress {
  /// A `sockaddr_in` or `sockaddr_in6`, which always fit.
  fileprivate init<Address>(whole address: Address) {
    storage = sockaddr_storage()
    length = socklen_t(MemoryLayout<Address>.size)
    withUnsafeBytes(of: address) { source in
      withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: source) }
    }
  }
}
