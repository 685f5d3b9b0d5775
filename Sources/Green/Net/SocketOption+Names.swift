internal import Glibc
public import SystemPackage

// socket(7)
extension SocketOption where Value == Bool {
  /// `SO_KEEPALIVE`: idle connections are probed, and fail when the peer is gone.
  public static var keepAlive: Self { .flag("SO_KEEPALIVE", level: SOL_SOCKET, number: SO_KEEPALIVE) }
  /// `SO_REUSEADDR`: an address may be bound again while connections of an earlier listener linger.
  public static var reuseAddress: Self { .flag("SO_REUSEADDR", level: SOL_SOCKET, number: SO_REUSEADDR) }
  /// `SO_REUSEPORT`: several sockets may be bound to one address, and share what comes.
  public static var reusePort: Self { .flag("SO_REUSEPORT", level: SOL_SOCKET, number: SO_REUSEPORT) }
  /// `SO_BROADCAST`: datagrams may be sent to a broadcast address.
  public static var broadcast: Self { .flag("SO_BROADCAST", level: SOL_SOCKET, number: SO_BROADCAST) }
  /// `IPV6_V6ONLY` of `ipv6(7)`: an IPv6 socket does not take IPv4 as well.
  public static var ipv6Only: Self { .flag("IPV6_V6ONLY", level: CInt(IPPROTO_IPV6), number: IPV6_V6ONLY) }
  /// `IP_FREEBIND` of `ip(7)`: an address may be bound that the machine does not have yet.
  public static var freeBind: Self { .flag("IP_FREEBIND", level: CInt(IPPROTO_IP), number: IP_FREEBIND) }
}

extension SocketOption where Value == Int {
  /// `SO_RCVBUF` in bytes. The kernel doubles what is set, and cuts it at `net.core.rmem_max`.
  public static var receiveBufferSize: Self { .number("SO_RCVBUF", level: SOL_SOCKET, number: SO_RCVBUF) }
  /// `SO_SNDBUF` in bytes. The kernel doubles what is set, and cuts it at `net.core.wmem_max`.
  public static var sendBufferSize: Self { .number("SO_SNDBUF", level: SOL_SOCKET, number: SO_SNDBUF) }
  /// `SO_INCOMING_CPU`: the processor that last handled a packet of the socket.
  public static var incomingCPU: Self { .number("SO_INCOMING_CPU", level: SOL_SOCKET, number: SO_INCOMING_CPU) }
  /// `SO_PRIORITY` of the packets sent, 0 to 6.
  public static var priority: Self { .number("SO_PRIORITY", level: SOL_SOCKET, number: SO_PRIORITY) }
  /// `IP_TOS` of `ip(7)`, the Differentiated Services field of IPv4 packets sent.
  public static var typeOfService: Self { .number("IP_TOS", level: CInt(IPPROTO_IP), number: IP_TOS) }
  /// `IPV6_TCLASS` of `ipv6(7)`, the same for IPv6.
  public static var trafficClass: Self { .number("IPV6_TCLASS", level: CInt(IPPROTO_IPV6), number: IPV6_TCLASS) }
}

extension SocketOption where Value == Duration? {
  /// `SO_LINGER`: how long a close may go on sending what is buffered; zero resets the connection at once, `nil` is the
  /// usual close. In whole seconds, rounded up.
  public static var linger: Self {
    Self("SO_LINGER", level: SOL_SOCKET, number: SO_LINGER) {
      let value = $0.loadUnaligned(as: Glibc.linger.self)
      return value.l_onoff == 0 ? nil : .seconds(Int(value.l_linger))
    } encode: {
      let nanoseconds = $0?.wholeNanoseconds ?? 0
      guard nanoseconds >= 0, let seconds = CInt(exactly: (nanoseconds - 1) / 1_000_000_000 + 1) else { return nil }
      return withUnsafeBytes(of: Glibc.linger(l_onoff: $0 == nil ? 0 : 1, l_linger: nanoseconds == 0 ? 0 : seconds)) {
        Array($0)
      }
    }
  }
}

extension SocketOption where Value == String {
  /// `SO_BINDTODEVICE`: the interface, by name, that packets must come and leave by; empty for any.
  public static var bindToDevice: Self { .text("SO_BINDTODEVICE", level: SOL_SOCKET, number: SO_BINDTODEVICE) }
}

extension SocketOption where Value == Errno? {
  /// `SO_ERROR`: an error that has not been reported yet. Reading it takes it.
  public static var pendingError: Self {
    .integer("SO_ERROR", level: SOL_SOCKET, number: SO_ERROR) {
      $0 == 0 ? nil : Errno(rawValue: $0)
    } encode: { _ in
      nil
    }
  }
}
