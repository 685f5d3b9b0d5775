internal import Glibc

/// `uri-host [ ":" port ]` of RFC 9110, 7.2: what `Host` says, and a target in absolute form.
package enum Authority {
  /// Whether the `count` bytes at `base` are a host, with or without a port. No bytes are none.
  @inline(__always)
  package static func isWellFormed(_ base: UnsafeRawPointer, count: Int) -> Bool {
    var index = 0
    while index < count, ByteClass.unescapedName.contains(base.load(fromByteOffset: index, as: UInt8.self)) {
      index += 1
    }
    if index == count { return count > 0 }
    guard base.load(fromByteOffset: index, as: UInt8.self) == 0x3a else { return isUncommon(base, count: count) }
    return index > 0 && isPort(base + index + 1, count: count - index - 1)
  }

  /// A host in brackets, or a name with percent-encoding.
  @inline(never)
  private static func isUncommon(_ base: UnsafeRawPointer, count: Int) -> Bool {
    let bytes = UnsafeRawBufferPointer(start: base, count: count)
    let hostEnd: Int
    if bytes[0] == 0x5b {
      guard let close = bytes.firstIndex(of: 0x5d), isIPv6(UnsafeRawBufferPointer(rebasing: bytes[1..<close])) else {
        return false
      }
      hostEnd = close + 1
    } else {
      hostEnd = bytes.firstIndex(of: 0x3a) ?? count
      guard hostEnd > 0, isName(UnsafeRawBufferPointer(rebasing: bytes[..<hostEnd])) else { return false }
    }
    if hostEnd == count { return true }
    return bytes[hostEnd] == 0x3a && isPort(base + hostEnd + 1, count: count - hostEnd - 1)
  }

  /// `reg-name` of RFC 3986, 3.2.2.
  private static func isName(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while index < bytes.count {
      guard ByteClass.registeredName.contains(bytes[index]) else { return false }
      if bytes[index] == 0x25 {
        guard index + 2 < bytes.count, isHexadecimal(bytes[index + 1]), isHexadecimal(bytes[index + 2]) else {
          return false
        }
        index += 2
      }
      index += 1
    }
    return true
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6 }

  /// An IPv6 address as `inet_pton(3)` has it. There is no use for the versions to come of RFC 3986, and zones are not part
  /// of what goes over the wire (RFC 9844).
  private static func isIPv6(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard (2...45).contains(bytes.count) else { return false }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 46) { text in
      for (index, byte) in bytes.enumerated() { text[index] = CChar(truncatingIfNeeded: byte) }
      text[bytes.count] = 0
      var address = in6_addr()
      return inet_pton(AF_INET6, text.baseAddress, &address) == 1
    }
  }

  /// A number that a port can have. RFC 3986 lets one be empty; no client sends it so, and readers differ in it.
  @inline(__always)
  private static func isPort(_ base: UnsafeRawPointer, count: Int) -> Bool {
    guard count >= 1, count <= 5 else { return false }
    var number = 0
    for index in 0..<count {
      let digit = base.load(fromByteOffset: index, as: UInt8.self) &- 0x30
      guard digit < 10 else { return false }
      number = number * 10 + Int(digit)
    }
    return number <= 65_535
  }
}
