internal import CGlibc
internal import Glibc

/// What is wanted of ``Resolver/addressInfo(host:service:hints:until:)``: the fields of the `hints` of `getaddrinfo(3)`.
public struct AddressHints: Sendable {
  /// `AI_` constants together: `AI_PASSIVE`, `AI_CANONNAME`, `AI_NUMERICHOST`, `AI_NUMERICSERV`, `AI_ADDRCONFIG`,
  /// `AI_V4MAPPED`, `AI_ALL`; `AI_IDN` and `AI_CANONIDN` take the C library, on a thread.
  public var flags: CInt
  /// `AF_UNSPEC`, `AF_INET` or `AF_INET6`.
  public var family: CInt
  /// 0 for all that are known.
  public var socketType: CInt
  /// 0 for all that are known.
  public var protocolNumber: CInt

  /// Hints of these parts.
  public init(flags: CInt = 0, family: CInt = 0, socketType: CInt = 0, protocolNumber: CInt = 0) {
    self.flags = flags
    self.family = family
    self.socketType = socketType
    self.protocolNumber = protocolNumber
  }

  /// What `getaddrinfo` takes where it is given no hints.
  public static let `default` = AddressHints(flags: AI_V4MAPPED | AI_ADDRCONFIG)

  /// For the connections that ``Socket/connect(host:port:until:)`` makes.
  static let stream = AddressHints(flags: AI_ADDRCONFIG, socketType: cglibc_sock_stream())

  /// The flags that ask for names in other alphabets.
  static var internationalFlags: CInt { CInt(CGLIBC_AI_IDN | CGLIBC_AI_CANONIDN) }

  static var knownFlags: CInt {
    // 0x300: obsolete ones, which the C library ignores.
    AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_ADDRCONFIG | AI_V4MAPPED | AI_NUMERICSERV | AI_ALL
      | internationalFlags | 0x300
  }
}
