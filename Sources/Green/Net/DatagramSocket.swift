internal import CGlibc
internal import Glibc
internal import SystemPackage

/// A socket of datagrams: UDP or Unix domain. Each send is one message, and each receive gets one.
///
/// In a fiber a call that has to wait parks the fiber; on a plain thread it blocks the thread, with the same deadlines.
/// Of several fibers that receive, the first gets what comes first.
public final class DatagramSocket: SocketHandle {
  /// The descriptor, -1 once closed.
  public private(set) var descriptor: CInt
  let receivingTurn = Turn()
  let sendingTurn = Turn()

  /// Takes over a descriptor; it is closed with the socket.
  public init(adopting descriptor: CInt) {
    self.descriptor = descriptor
    DescriptorOwners.opened(descriptor)
  }

  deinit { close() }

  /// A socket without an address, of `AF_INET`, `AF_INET6` or `AF_UNIX`; an IP socket is given a port when it first
  /// sends.
  public convenience init(family: CInt) throws {
    self.init(adopting: try systemCall { cglibc_datagram_socket(family) })
  }

  /// A socket bound to an address; with port 0 the kernel chooses one, see ``SocketHandle/localAddress``.
  ///
  /// - Parameters:
  ///   - address: an IPv4, IPv6 or Unix domain address of this machine.
  ///   - configure: called with the socket before it is bound, to set options that must be set by then.
  /// - Throws: `Errno.addressInUse` and the like, see `bind(2)`; what `configure` throws.
  public static func bind(_ address: SocketAddress, configure: ((DatagramSocket) throws -> Void)? = nil) throws
    -> DatagramSocket
  {
    let socket = try DatagramSocket(family: address.family)
    try configure?(socket)
    _ = try systemCall { address.withSockaddr { Glibc.bind(socket.descriptor, $0, $1) } }
    return socket
  }

  /// Two Unix domain sockets that are connected to each other, without a name.
  public static func pair() throws -> (DatagramSocket, DatagramSocket) {
    let ends = try twoDescriptors { cglibc_datagram_pair($0) }
    return (DatagramSocket(adopting: ends.0), DatagramSocket(adopting: ends.1))
  }

  /// Fixes the peer: sends go to it, only its datagrams are received, and a peer that is not there is reported as
  /// `Errno.connectionRefused` by the next send or receive (UDP: when the ICMP message has come). Does not park.
  public func connect(to address: SocketAddress) throws {
    _ = try systemCall { address.withSockaddr { Glibc.connect(descriptor, $0, $1) } }
  }

  /// Sends one datagram, whole. Parks while the kernel's buffer, or the queue of a Unix domain peer, is full.
  ///
  /// - Parameters:
  ///   - bytes: the datagram; it may be empty.
  ///   - address: to whom; `nil` on a connected socket.
  ///   - deadline: when to give up, with `Errno.timedOut`.
  /// - Throws: `Errno.messageTooLong` for more than a datagram holds, `Errno.connectionRefused` as told at
  ///   ``connect(to:)``, `Errno.timedOut` at the deadline. See `sendto(2)`.
  public func send(
    _ bytes: UnsafeRawBufferPointer, to address: SocketAddress? = nil, until deadline: Deadline = .never
  ) throws {
    try sending(until: deadline) {
      guard let address else { return cglibc_send_datagram(descriptor, bytes.baseAddress, bytes.count, nil, 0) }
      return address.withSockaddr { cglibc_send_datagram(descriptor, bytes.baseAddress, bytes.count, $0, $1) }
    }
  }

  /// Receives one datagram. Parks until one has come. What does not fit in the buffer is lost, and the result says so.
  ///
  /// - Throws: `Errno.timedOut` at the deadline, `Errno.badFileDescriptor` when the socket is closed meanwhile,
  ///   `Errno.connectionRefused` as told at ``connect(to:)``. See `recvfrom(2)`.
  public func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline = .never) throws
    -> ReceivedDatagram
  {
    var whole = 0
    let sender = try SocketAddress.filled { address, length in
      whole = try receiving(until: deadline) {
        length.pointee = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return cglibc_receive_datagram(descriptor, buffer.baseAddress, buffer.count, address, length)
      }
      return 0
    }.address
    return ReceivedDatagram(
      count: min(whole, buffer.count), wholeCount: whole, sender: sender.flatMap { $0.isUnnamed ? nil : $0 })
  }

  /// Makes attempts to receive, waiting in between, until one does not fail with `EAGAIN`.
  func receiving(until deadline: Deadline, _ attempt: () -> Int) throws -> Int {
    try receivingTurn.use(until: deadline) {
      while true {
        let result = attempt()
        if result >= 0 {
          Hub.spend(bytes: result)
          return result
        }
        if errno == EAGAIN {
          try Readiness.wait(for: descriptor, .read, until: deadline)
        } else if errno != EINTR {
          throw Errno(rawValue: errno)
        }
      }
    }
  }

  /// As ``receiving(until:_:)``, to send.
  @discardableResult
  func sending(until deadline: Deadline, _ attempt: () -> Int) throws -> Int {
    try sendingTurn.use(until: deadline) {
      var pause = 1
      while true {
        let result = attempt()
        if result >= 0 {
          Hub.spend(bytes: result)
          return result
        }
        if errno == EAGAIN {
          if try !Readiness.isReady(descriptor, .write) {
            try Readiness.wait(for: descriptor, .write, until: deadline)
          } else {
            // It is the queue of a Unix domain peer that is full, to whom the socket is not connected: nothing tells
            // when it has room, so there is nothing to wait for but time.
            if deadline.hasPassed { throw Errno.timedOut }
            try Fiber.sleep(until: min(deadline, .after(.milliseconds(pause))))
            pause = min(pause * 2, 64)
          }
        } else if errno != EINTR {
          throw Errno(rawValue: errno)
        }
      }
    }
  }

  /// Closes the socket. Fibers that wait for it fail with `Errno.badFileDescriptor`. Closing twice does nothing.
  public func close() {
    guard descriptor >= 0 else { return }
    let closing = descriptor
    descriptor = -1
    DescriptorOwners.close(closing)
    receivingTurn.wakeAll()
    sendingTurn.wakeAll()
  }
}

extension SocketAddress {
  /// Whether it says nothing but its family.
  var isUnnamed: Bool { Int(length) <= MemoryLayout.size(ofValue: storage.ss_family) }
}
