public import Glibc

/// The address of a socket: IPv4, IPv6 or Unix domain.
///
/// As text: `127.0.0.1:8000`, `[::1]:8000`, `unix:/run/app.sock`; an abstract Unix address (Linux, `unix(7)`) begins
/// with `unix:@`.
public struct SocketAddress: Sendable, CustomStringConvertible {
  var storage: sockaddr_storage
  var length: socklen_t

  /// Wraps what `accept`, `getsockname` or a resolver gave. `nil` when it is longer than any address can be.
  public init?(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
    guard Int(length) <= MemoryLayout<sockaddr_storage>.size else { return nil }
    storage = sockaddr_storage()
    self.length = length
    withUnsafeMutableBytes(of: &storage) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
    }
  }

  /// An IPv4 or IPv6 address in its usual text form, without a port; `nil` when `host` is not one. Scope identifiers
  /// (`fe80::1%eth0`) are understood.
  public init?(host: String, port: UInt16) {
    // C would see no more than what is before it.
    guard !host.utf8.contains(0) else { return nil }
    var v4 = sockaddr_in()
    v4.sin_family = sa_family_t(AF_INET)
    v4.sin_port = port.bigEndian
    if inet_pton(AF_INET, host, &v4.sin_addr) == 1 {
      self.init(copying: v4)
      return
    }
    var v6 = sockaddr_in6()
    v6.sin6_family = sa_family_t(AF_INET6)
    v6.sin6_port = port.bigEndian
    let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 {
      v6.sin6_scope_id = UInt32(parts[1]) ?? if_nametoindex(String(parts[1]))
      guard v6.sin6_scope_id != 0 else { return nil }
    }
    guard inet_pton(AF_INET6, String(parts.first ?? ""), &v6.sin6_addr) == 1 else { return nil }
    self.init(copying: v6)
  }

  /// A Unix domain address; `nil` when the path is empty or longer than the 107 bytes that `sun_path` takes. A path that
  /// begins with `@` is abstract: it has no file.
  public init?(unixPath path: String) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(path.utf8)
    guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else {
      return nil
    }
    let isAbstract = bytes[0] == UInt8(ascii: "@")
    if isAbstract { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    self.init(copying: address)
    length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1))
  }

  private init<Address>(copying address: Address) {
    storage = sockaddr_storage()
    length = socklen_t(MemoryLayout<Address>.size)
    withUnsafeBytes(of: address) { source in
      withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: source) }
    }
  }

  /// `AF_INET`, `AF_INET6` or `AF_UNIX`.
  public var family: CInt { CInt(storage.ss_family) }

  /// The port of an IP address, `nil` for others.
  public var port: UInt16? {
    switch family {
    case AF_INET: withAddress(as: sockaddr_in.self) { UInt16(bigEndian: $0.sin_port) }
    case AF_INET6: withAddress(as: sockaddr_in6.self) { UInt16(bigEndian: $0.sin6_port) }
    default: nil
    }
  }

  /// The host of an IP address as text, or the path of a Unix one.
  public var host: String {
    switch family {
    case AF_INET:
      return withAddress(as: sockaddr_in.self) { address in
        var address = address.sin_addr
        return text(AF_INET, &address)
      }
    case AF_INET6:
      return withAddress(as: sockaddr_in6.self) { whole in
        var address = whole.sin6_addr
        let scope = whole.sin6_scope_id
        return text(AF_INET6, &address) + (scope == 0 ? "" : "%\(scope)")
      }
    case AF_UNIX:
      // A path of full length has no terminator, and the kernel counts one all the same: unix(7), BUGS.
      let count = min(
        max(0, Int(length) - MemoryLayout<sa_family_t>.size), MemoryLayout.size(ofValue: sockaddr_un().sun_path))
      return withAddress(as: sockaddr_un.self) { address in
        withUnsafeBytes(of: address.sun_path) { bytes in
          guard count > 0 else { return "" }
          if bytes[0] == 0 { return "@" + String(decoding: bytes[1..<count], as: UTF8.self) }
          return String(decoding: bytes[..<count].prefix { $0 != 0 }, as: UTF8.self)
        }
      }
    default: return ""
    }
  }

  /// The same IP address with another port; others as they are.
  public func with(port: UInt16) -> SocketAddress {
    var copy = self
    guard family == AF_INET || family == AF_INET6 else { return copy }
    // sin_port and sin6_port lie at the same place: after the family.
    withUnsafeMutableBytes(of: &copy.storage) {
      $0.storeBytes(of: port.bigEndian, toByteOffset: MemoryLayout<sa_family_t>.size, as: UInt16.self)
    }
    return copy
  }

  public var description: String {
    switch family {
    case AF_INET: "\(host):\(port ?? 0)"
    case AF_INET6: "[\(host)]:\(port ?? 0)"
    case AF_UNIX: "unix:\(host)"
    default: "address family \(family)"
    }
  }

  private func text(_ family: CInt, _ address: UnsafeRawPointer) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
      inet_ntop(family, address, buffer.baseAddress, socklen_t(buffer.count)).map { String(cString: $0) } ?? ""
    }
  }

  private func withAddress<Address, Result>(as type: Address.Type, _ body: (Address) -> Result) -> Result {
    withUnsafeBytes(of: storage) { body($0.loadUnaligned(as: type)) }
  }

  /// Calls `body` with the address as the socket calls take it.
  public func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result) rethrows -> Result {
    try withUnsafePointer(to: storage) {
      try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { try body($0, length) }
    }
  }

  /// Lets a call such as `accept` or `getsockname` fill in an address; `nil` when it reports failure.
  static func filled(by body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) throws -> CInt) rethrows
    -> (result: CInt, address: SocketAddress?)
  {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return try withUnsafeMutablePointer(to: &storage) {
      try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        let result = try body(pointer, &length)
        return (result, result < 0 ? nil : SocketAddress(pointer, length: length))
      }
    }
  }
}
