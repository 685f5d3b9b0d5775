internal import Glibc
package import Green

/// A block of addresses, `10.0.0.0/8`, or one address (RFC 4632, RFC 4291).
package struct IPNetwork: Sendable, Hashable {
  private let address: IPAddress
  /// How many of the 128 bits are those of ``address``; an IPv4 address stands at the end of them.
  private let bits: Int

  /// Reads an address, or one with a number of bits after a slash. The bits after those must be zero, as gunicorn has it: a
  /// slip of the pen is told from a network.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = IPAddress(strict: String(parts[0])) else { return nil }
    self.address = address
    let most = address.isIPv4 ? 32 : 128
    guard parts.count == 2 else {
      bits = 128
      return
    }
    let digits = parts[1].utf8
    guard (1...3).contains(digits.count), digits.allSatisfy({ $0 &- 0x30 < 10 }), let number = Int(parts[1]),
      number <= most
    else { return nil }
    bits = 128 - most + number
    guard address.hasOnlyZeros(after: bits) else { return nil }
  }

  /// Whether the address is of this network. An IPv4 address is the same in an IPv6 socket's words, `::ffff:10.0.0.1`.
  package func contains(_ other: IPAddress) -> Bool {
    (address.isIPv4 || address.isMapped) == (other.isIPv4 || other.isMapped) && other.matches(address, bits: bits)
  }

  /// As it is read.
  var text: String {
    if bits == 128 { return address.text }
    return "\(address.text)/\(address.isIPv4 ? bits - 96 : bits)"
  }
}

extension IPAddress {
  fileprivate func hasOnlyZeros(after bits: Int) -> Bool {
    // Shifts by 64 and more are zero in Swift.
    let highMask: UInt64 = .max >> UInt64(min(bits, 64))
    let lowMask: UInt64 = .max >> UInt64(max(0, bits - 64))
    return high & highMask == 0 && low & lowMask == 0
  }
}
