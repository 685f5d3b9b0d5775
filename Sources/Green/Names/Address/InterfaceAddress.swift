internal import Glibc

/// An address of one of this machine's interfaces.
struct InterfaceAddress {
  let address: IPAddress
  /// Bits of the address's network, of 32 or 128.
  let prefixLength: Int
  let index: UInt32
  /// Whether new connections should not be made from it: RFC 4862 section 5.5.4, and one not yet known to be unique.
  var isDeprecated = false
  /// Mobile IPv6: RFC 6275.
  var isHome = false

  /// All of them, by `getifaddrs(3)`; `nil` where the kernel does not say, as to a service that may have no netlink socket. Does
  /// not park.
  static func all() -> [InterfaceAddress]? {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard bypassingRedirect({ getifaddrs(&list) }) == 0 else { return nil }
    defer { freeifaddrs(list) }
    var flags: [String: UInt32]?
    return sequence(first: list, next: { $0?.pointee.ifa_next }).compactMap { entry in
      guard let entry = entry?.pointee, let pointer = entry.ifa_addr, let address = IPAddress(pointer) else {
        return nil
      }
      let mask = entry.ifa_netmask.flatMap { mask in
        // The mask of an IPv4 address may be given without a family.
        address.isIPv4
          ? UnsafeRawPointer(mask).loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr.nonzeroBitCount
          : IPAddress(mask).map { $0.high.nonzeroBitCount + $0.low.nonzeroBitCount }
      }
      var result = InterfaceAddress(
        address: address, prefixLength: mask ?? 0, index: if_nametoindex(entry.ifa_name))
      if !address.isIPv4 {
        if flags == nil { flags = addressFlags() }
        let mine = flags?[address.bytes.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()]
        // IFA_F_DEPRECATED, IFA_F_OPTIMISTIC and IFA_F_HOMEADDRESS of <linux/if_addr.h>.
        result.isDeprecated = (mine ?? 0) & (0x20 | 0x04) != 0
        result.isHome = (mine ?? 0) & 0x10 != 0
      }
      return result
    }
  }

  /// The flags of the IPv6 addresses, which `getifaddrs` does not tell: `/proc/net/if_inet6`, lines of the address, the
  /// interface, the prefix's length, the scope and the flags, all in hexadecimal.
  private static func addressFlags() -> [String: UInt32] {
    var flags: [String: UInt32] = [:]
    for line in Fields.lines(procFile("/proc/net/if_inet6")) {
      let fields = Fields.texts(line)
      if fields.count > 4 { flags[fields[0]] = UInt32(fields[4], radix: 16) }
    }
    return flags
  }

  /// A file of `/proc`, whose size is not known before it is read.
  static func procFile(_ path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    return bypassingRedirect {
      var bytes: [UInt8] = []
      while true {
        let more = [UInt8](unsafeUninitializedCapacity: 16384) { buffer, count in
          count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
        }
        if more.isEmpty { return bytes }
        bytes += more
      }
    }
  }
}
