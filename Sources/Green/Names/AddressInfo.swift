internal import CGlibc
internal import Glibc

/// One way to reach a service, as `getaddrinfo(3)` returns them: what to give to `socket` and `connect`, or `bind`.
public struct AddressInfo: Sendable {
  /// `AF_INET` or `AF_INET6`.
  public var family: CInt
  /// `SOCK_STREAM`, `SOCK_DGRAM`, ….
  public var socketType: CInt
  /// `IPPROTO_TCP`, `IPPROTO_UDP`, …; 0 for the type's own.
  public var protocolNumber: CInt
  /// The address, with the port of the service.
  public var address: SocketAddress
  /// The host's official name, in the first row and only where `AI_CANONNAME` asked for it.
  public var canonicalName: String?
}
