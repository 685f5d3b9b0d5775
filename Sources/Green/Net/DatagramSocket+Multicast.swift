internal import CGlibc
internal import Glibc
internal import SystemPackage

/// Datagrams to many. A group is an IPv4 or IPv6 multicast address; its port does not matter here.
extension DatagramSocket {
  /// Receives what is sent to a group from now on. See `MCAST_JOIN_GROUP`, RFC 3678 section 5.1.
  ///
  /// - Parameters:
  ///   - group: a multicast address of the socket's family.
  ///   - interface: the index of the network interface, see `if_nametoindex(3)`; 0 leaves the choice to the kernel.
  public func join(_ group: SocketAddress, interface: UInt32 = 0) throws {
    _ = try systemCall { group.withSockaddr { cglibc_multicast_group(descriptor, true, $0, $1, interface) } }
  }

  /// Receives what is sent to a group no longer.
  public func leave(_ group: SocketAddress, interface: UInt32 = 0) throws {
    _ = try systemCall { group.withSockaddr { cglibc_multicast_group(descriptor, false, $0, $1, interface) } }
  }

  /// The network interface by which datagrams to a group leave.
  public func setMulticastInterface(_ interface: UInt32) throws {
    let family = localAddress?.family ?? AF_INET
    _ = try systemCall { cglibc_multicast_interface(descriptor, family, interface) }
  }

  /// Over how many routers datagrams to a group may go: 1 at first, which is the local network; 0 is this machine.
  public func setMulticastHops(_ hops: Int) throws {
    try setOption(
      isIPv6
        ? .number("IPV6_MULTICAST_HOPS", level: CInt(IPPROTO_IPV6), number: IPV6_MULTICAST_HOPS)
        : .number("IP_MULTICAST_TTL", level: CInt(IPPROTO_IP), number: IP_MULTICAST_TTL), to: hops)
  }

  /// Whether the members on this machine receive what is sent here. On at first.
  public func setMulticastLoopback(_ isOn: Bool) throws {
    try setOption(
      isIPv6
        ? .flag("IPV6_MULTICAST_LOOP", level: CInt(IPPROTO_IPV6), number: IPV6_MULTICAST_LOOP)
        : .flag("IP_MULTICAST_LOOP", level: CInt(IPPROTO_IP), number: IP_MULTICAST_LOOP), to: isOn)
  }

  private var isIPv6: Bool { localAddress?.family == AF_INET6 }
}
