internal import CGlibc
internal import Glibc
internal import SystemPackage

extension Socket {
  /// Connects to an address. Parks until the peer has answered.
  ///
  /// - Parameters:
  ///   - address: the peer's address.
  ///   - deadline: when to give up, with `Errno.timedOut`.
  ///   - configure: called with the socket before it connects, to set options that must be set by then.
  /// - Throws: `Errno.connectionRefused` and the like; `Errno.timedOut` at the deadline; what `configure` throws. See
  ///   `connect(2)`.
  public static func connect(
    to address: SocketAddress, until deadline: Deadline = .never, configure: ((Socket) throws -> Void)? = nil
  ) throws -> Socket {
    let socket = try unconnected(for: address)
    try configure?(socket)
    // A Unix listener whose backlog is full says EAGAIN, and there is nothing to wait for but time.
    var pause = 1
    while true {
      switch socket.beginConnecting(to: address) {
      case .connected: return socket
      case .underWay:
        try socket.finishConnecting(until: deadline)
        return socket
      case .failed(.resourceTemporarilyUnavailable) where address.family == AF_UNIX:
        if deadline.hasPassed { throw Errno.timedOut }
        try Fiber.sleep(until: min(deadline, .after(.milliseconds(pause))))
        pause = min(pause * 2, 64)
      case .failed(let error): throw error
      }
    }
  }

  /// Connects to a host by name or address; each of its addresses is tried until one answers, as
  /// ``connect(toAnyOf:attemptDelay:until:configure:)`` does it. Parks while the name is looked up and while connecting.
  ///
  /// A name server that answers the question for one family late, or never, does not hold up the other: IPv6 addresses
  /// are tried at once, IPv4 ones 50 ms after they have come (RFC 8305 section 3), and what comes later takes part.
  /// ``Resolver/addresses(of:port:until:)`` and `getaddrinfo(3)`, which return one whole list, wait for both answers.
  ///
  /// - Throws: ``ResolverError`` when the host has no address, ``ConnectError`` with what went wrong at each of them.
  public static func connect(
    host: String, port: UInt16, attemptDelay: Duration = .milliseconds(250), until deadline: Deadline = .never,
    configure: ((Socket) throws -> Void)? = nil
  ) throws -> Socket {
    let target = HostAndPort.text(host, port)
    if let address = SocketAddress(host: host, port: port) {
      return try ConnectionRace(to: target, [address], configure).run(delay: attemptDelay, until: deadline)
    }
    return try Resolver.withNames { names in
      let arrival = try AddressArrival(of: host, port: port, names, until: deadline)
      defer { arrival.abandon() }
      try arrival.waitForFirst(until: deadline)
      return try ConnectionRace(to: target, arrival, configure).run(delay: attemptDelay, until: deadline)
    }
  }

  /// Connects to the first of several addresses that answers: "happy eyeballs", RFC 8305. The families take turns in the
  /// order of their first addresses (section 4). An attempt begins when all before have failed, or `attemptDelay` after
  /// the last one (section 5); the first connection wins and the other attempts are given up.
  ///
  /// - Parameters:
  ///   - addresses: in the order in which they should be tried.
  ///   - attemptDelay: 250 ms is what the RFC recommends, 10 ms the least that it allows and that is used.
  ///   - deadline: when to give up all attempts.
  ///   - configure: called with each socket before it connects.
  /// - Throws: ``ConnectError`` with what went wrong at each address; what `configure` throws.
  public static func connect(
    toAnyOf addresses: [SocketAddress], attemptDelay: Duration = .milliseconds(250), until deadline: Deadline = .never,
    configure: ((Socket) throws -> Void)? = nil
  ) throws -> Socket {
    let target = addresses.count == 1 ? "\(addresses[0])" : "any of \(addresses.count) addresses"
    return try ConnectionRace(to: target, addresses, configure).run(delay: attemptDelay, until: deadline)
  }

  static func unconnected(for address: SocketAddress) throws(Errno) -> Socket {
    Socket(adopting: try systemCall { cglibc_stream_socket(address.family) }, peer: address)
  }

  enum Connecting {
    case connected
    /// The socket becomes writable when it is connected, or when that has failed.
    case underWay
    case failed(Errno)
  }

  func beginConnecting(to address: SocketAddress) -> Connecting {
    let result = address.withSockaddr { Glibc.connect(descriptor, $0, $1) }
    if result == 0 {
      Hub.spend(bytes: 0)
      return .connected
    }
    // An interrupted connect goes on by itself, as one in progress does: waiting is right for both.
    return errno == EINPROGRESS || errno == EINTR ? .underWay : .failed(Errno(rawValue: errno))
  }

  private func finishConnecting(until deadline: Deadline) throws {
    // A wake without readiness is possible: only what is writable has connected or failed.
    repeat {
      try Readiness.wait(for: descriptor, .write, until: deadline)
    } while try !Readiness.isReady(descriptor, .write)
    try checkConnected()
  }

  /// How a connect that was under way has ended.
  func checkConnected() throws(Errno) {
    var error: CInt = 0
    var length = socklen_t(MemoryLayout<CInt>.size)
    _ = try systemCall { getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) }
    if error != 0 { throw Errno(rawValue: error) }
    // Where nobody listens at a port that the kernel gives out, it may have given it to this very socket, which then
    // meets itself: RFC 9293 section 3.5, simultaneous open.
    if let peer, peer.port != nil, localAddress == peer { throw .connectionRefused }
  }
}
