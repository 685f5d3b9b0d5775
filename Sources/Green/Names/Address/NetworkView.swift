internal import CGlibc
internal import Glibc

/// What this machine's network looks like to the resolver: its addresses, and from which of them it reaches others. Looked
/// at anew once a second at most.
final class NetworkView {
  let interfaces: [InterfaceAddress]
  /// Whether there is an IPv4 address other than 127.0.0.1, an IPv6 address other than ::1.
  let hasIPv4: Bool
  let hasIPv6: Bool
  private let taken = Deadline.now
  private var sources: [IPAddress: IPAddress?] = [:]

  init() {
    let known = InterfaceAddress.all()
    interfaces = known ?? []
    // Where nobody says, there may be any: as glibc has it.
    hasIPv4 = known?.contains { $0.address.isIPv4 && $0.address != .loopback4 } ?? true
    hasIPv6 = known?.contains { !$0.address.isIPv4 && !$0.address.isLoopback } ?? true
  }

  var isStale: Bool { Deadline.now.nanoseconds - taken.nanoseconds >= 1_000_000_000 }

  /// The address from which a connection to another would be made: the kernel chooses it when a datagram socket is
  /// connected, for which nothing is sent. `nil` where there is no way to the destination.
  func source(for destination: IPAddress) -> IPAddress? {
    if let known = sources[destination] { return known }
    if sources.count >= 4096 { sources = [:] }
    let source = Self.ask(destination)
    sources[destination] = .some(source)
    return source
  }

  private static func ask(_ destination: IPAddress) -> IPAddress? {
    let descriptor = cglibc_socket(destination.family, cglibc_sock_dgram())
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let status = bypassingRedirect { destination.socketAddress(port: 0).withSockaddr { connect(descriptor, $0, $1) } }
    guard status == 0 else { return nil }
    return SocketAddress.filled { getsockname(descriptor, $0, $1) }.address.flatMap { IPAddress($0) }
  }
}
