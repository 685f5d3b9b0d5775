internal import Glibc

/// What `nss-myhostname(8)` knows without asking anybody: the machine's own name, `localhost` and the names below it,
/// and `_gateway`.
enum LocalNames {
  struct Answer {
    let canonicalName: String
    var addresses: [IPAddress]
    fileprivate var isOwn = false
  }

  static var hostName: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard gethostname(buffer.baseAddress!, buffer.count - 1) == 0 else { return "" }
      buffer[buffer.count - 1] = 0
      return String(cString: buffer.baseAddress!)
    }
  }

  /// - Parameter family: which addresses are wanted, `AF_UNSPEC` for both.
  static func answer(_ name: String, _ family: CInt, interfaces: () -> [InterfaceAddress]) -> Answer? {
    guard var answer = answer(name, interfaces) else { return nil }
    answer.addresses.removeAll { family != AF_UNSPEC && $0.family != family }
    // A machine always has an address of its own.
    if answer.addresses.isEmpty && answer.isOwn {
      answer.addresses = [own4, .loopback6].filter { family == AF_UNSPEC || $0.family == family }
    }
    return answer
  }

  private static func answer(_ name: String, _ interfaces: () -> [InterfaceAddress]) -> Answer? {
    let absolute = name.hasSuffix(".") ? String(name.dropLast()) : name
    if isLocalHost(absolute.lowercased()) {
      return Answer(canonicalName: "localhost", addresses: [.loopback4, .loopback6])
    }
    if absolute == "_gateway" {
      let gateways = gateways()
      return gateways.isEmpty ? nil : Answer(canonicalName: "_gateway", addresses: gateways)
    }
    let own = hostName
    guard !own.isEmpty, absolute == own else { return nil }
    return Answer(canonicalName: own, addresses: ownAddresses(interfaces()), isOwn: true)
  }

  /// The name of an address.
  static func name(of address: IPAddress, interfaces: () -> [InterfaceAddress]) -> String? {
    if address == .loopback4 || address == .loopback6 { return "localhost" }
    if address == own4 { return hostName }
    let isOwn = interfaces().contains { $0.address.high == address.high && $0.address.low == address.low }
    if isOwn { return hostName }
    return gateways().contains { $0.family == address.family && $0.high == address.high && $0.low == address.low }
      ? "_gateway" : nil
  }

  /// 127.0.0.2, under which a machine without a network knows itself.
  private static let own4 = IPAddress(v4: 0x7f00_0002)

  private static func isLocalHost(_ name: String) -> Bool {
    ["localhost", "localhost.localdomain"].contains { name == $0 || name.hasSuffix("." + $0) }
  }

  /// IPv4 first, within a family wider scopes first.
  private static func ownAddresses(_ interfaces: [InterfaceAddress]) -> [IPAddress] {
    let usable = interfaces.filter { !$0.address.isLoopback && !$0.isDeprecated }
    return usable.enumerated().sorted { left, right in
      let keys = [left, right].map { entry in
        let address = entry.element.address
        return (address.isIPv4 ? 0 : 1, address.isLinkLocal ? 1 : 0, Int(entry.element.index), entry.offset)
      }
      return keys[0] < keys[1]
    }.map(\.element.address)
  }

  /// The next hops of the default routes, as the kernel lists them.
  private static func gateways() -> [IPAddress] {
    var found: [(metric: Int, address: IPAddress)] = []
    for line in Fields.lines(InterfaceAddress.procFile("/proc/net/route")).dropFirst() {
      // Interface, destination, gateway, flags, three numbers (the last is the metric) and the mask.
      let fields = Fields.texts(line)
      guard fields.count > 7, fields[1] == "00000000", fields[7] == "00000000",
        let gateway = UInt32(fields[2], radix: 16), gateway != 0
      else { continue }
      found.append((Int(fields[6]) ?? 0, IPAddress(v4: UInt32(bigEndian: gateway))))
    }
    for line in Fields.lines(InterfaceAddress.procFile("/proc/net/ipv6_route")) {
      // Destination and its length, source and its length, next hop, metric, counters, flags, interface.
      let fields = Fields.texts(line)
      guard fields.count > 9, fields[1] == "00", fields[0].allSatisfy({ $0 == "0" }), fields[4].count == 32,
        let high = UInt64(fields[4].prefix(16), radix: 16), let low = UInt64(fields[4].suffix(16), radix: 16),
        high | low != 0
      else { continue }
      var address = IPAddress(v6: high, low)
      if address.isLinkLocal { address.scope = if_nametoindex(fields[9]) }
      found.append((Int(fields[5], radix: 16) ?? 0, address))
    }
    return found.enumerated().sorted { ($0.element.metric, $0.offset) < ($1.element.metric, $1.offset) }
      .map(\.element.address)
  }
}
