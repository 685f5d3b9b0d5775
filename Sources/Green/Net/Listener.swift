internal import CGlibc
internal import Glibc
internal import SystemPackage

/// A socket that listens for connections, TCP or Unix domain.
public final class Listener: SocketHandle {
  /// The descriptor, -1 once closed.
  public private(set) var descriptor: CInt
  private let acceptingTurn = Turn()
  /// Whether what it accepts has `TCP_NODELAY` from it, as connections inherit it on Linux.
  private let handsOnNoDelay: Bool

  /// Takes over a listening descriptor and makes it non-blocking: several processes may accept from one queue, and the
  /// connection that one of them saw may be another's by the time it asks.
  public init(adopting descriptor: CInt) {
    self.descriptor = descriptor
    handsOnNoDelay = cglibc_has_no_delay(descriptor)
    DescriptorOwners.opened(descriptor)
    let flags = fcntl(descriptor, F_GETFL)
    if flags >= 0 && flags & O_NONBLOCK == 0 { _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
  }

  deinit { close() }

  /// Binds an address and listens, with `SO_REUSEADDR` on TCP, and `TCP_NODELAY` for what it accepts.
  ///
  /// - Parameters:
  ///   - address: an IPv4, IPv6 or Unix domain address of this machine; with port 0 the kernel chooses a port.
  ///   - backlog: how many connections may wait to be accepted; the kernel cuts it at `net.core.somaxconn`.
  ///   - configure: called with the socket before it is bound, to set options that must be set by then.
  /// - Throws: `Errno.addressInUse` and the like, see `bind(2)`; what `configure` throws.
  public static func bind(
    _ address: SocketAddress, backlog: Int = 2048, configure: ((Listener) throws -> Void)? = nil
  ) throws -> Listener {
    try bind(address, backlog: backlog, configure: configure, bound: {})
  }

  /// As ``bind(_:backlog:configure:)``. `bound` is called when the socket is bound and does not listen yet: whoever
  /// connects meanwhile is refused.
  package static func bind(
    _ address: SocketAddress, backlog: Int, configure: ((Listener) throws -> Void)? = nil, bound: () throws -> Void
  ) throws -> Listener {
    let descriptor = try systemCall { cglibc_stream_socket(address.family) }
    cglibc_set_no_delay(descriptor)
    let listener = Listener(adopting: descriptor)
    if address.family != AF_UNIX { try listener.setOption(.reuseAddress, to: true) }
    try configure?(listener)
    _ = try systemCall { address.withSockaddr { Glibc.bind(descriptor, $0, $1) } }
    try bound()
    _ = try systemCall { listen(descriptor, CInt(clamping: backlog)) }
    return listener
  }

  /// The address that the listener is bound to; with port 0 asked for, the one that the kernel chose.
  public var address: SocketAddress? { localAddress }

  /// Waits for a connection and takes it. Parks until one is there. Of several fibers that wait, the first gets the
  /// first.
  ///
  /// - Throws: as ``acceptWaiting()``; `Errno.timedOut` at the deadline, `Errno.badFileDescriptor` when the listener is
  ///   closed meanwhile.
  public func accept(until deadline: Deadline = .never) throws -> Socket {
    try acceptingTurn.use(until: deadline) {
      while true {
        if let socket = try acceptWaiting() {
          Hub.spend(bytes: 0)
          return socket
        }
        try waitForConnection(until: deadline)
      }
    }
  }

  /// Waits until a connection may be there to be accepted. Parks until then.
  public func waitForConnection(until deadline: Deadline = .never) throws {
    try Readiness.wait(for: descriptor, .read, until: deadline)
  }

  /// Takes a connection that is waiting, `nil` when there is none. Does not park.
  ///
  /// - Throws: `Errno.tooManyOpenFiles` and the like, see `accept(2)`. A connection that was reset while it waited is
  ///   passed over.
  public func acceptWaiting() throws -> Socket? {
    while true {
      // Past the redirect, which would look by poll(2) and set a timer first: this listener does not block.
      let (descriptor, peer) = bypassingRedirect {
        SocketAddress.filled { cglibc_accept(self.descriptor, $0, $1) }
      }
      if descriptor >= 0 { return Socket(adopting: descriptor, peer: peer, hasNoDelay: handsOnNoDelay) }
      switch errno {
      case EAGAIN: return nil
      // A pending error of the new connection, which accept(2) asks to treat as "try again".
      case EINTR, ECONNABORTED, ENETDOWN, EPROTO, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH: continue
      default: throw Errno(rawValue: errno)
      }
    }
  }

  /// Closes the listener; a fiber that waits for it fails with `Errno.badFileDescriptor`.
  public func close() {
    guard descriptor >= 0 else { return }
    let closing = descriptor
    descriptor = -1
    DescriptorOwners.close(closing)
    acceptingTurn.wakeAll()
  }
}
