internal import CGlibc
internal import Glibc
internal import SystemPackage

/// A connected stream socket, TCP or Unix domain, used in blocking style.
///
/// In a fiber a call that has to wait parks the fiber; on a plain thread the same call blocks the thread, with the same
/// deadlines. One fiber may receive while another sends; a second receiver waits behind the first.
public final class Socket {
  /// The descriptor, -1 once closed.
  public private(set) var descriptor: CInt
  /// Who is at the other end.
  public let peer: SocketAddress?
  /// Whether the last receive was short: then the kernel has nothing more, and trying again before waiting would cost a
  /// system call to learn it.
  private var isDrained = false
  private var isReceiveCancelled = false

  /// Takes over a connected descriptor; it is closed with the socket. Sets `TCP_NODELAY` on TCP.
  public init(adopting descriptor: CInt, peer: SocketAddress? = nil) {
    self.descriptor = descriptor
    self.peer = peer
    DescriptorOwners.opened(descriptor)
    if peer?.family != AF_UNIX {
      var on: CInt = 1
      setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
    }
  }

  deinit { close() }

  /// Connects to an address. Parks until the peer has answered.
  ///
  /// - Throws: `Errno.connectionRefused` and the like; `Errno.timedOut` at the deadline. See `connect(2)`.
  public static func connect(to address: SocketAddress, until deadline: Deadline = .never) throws -> Socket {
    let descriptor = try systemCall { cglibc_stream_socket(address.family) }
    let socket = Socket(adopting: descriptor, peer: address)
    var result = address.withSockaddr { Glibc.connect(descriptor, $0, $1) }
    // A Unix listener whose backlog is full says EAGAIN, and there is nothing to wait for but time.
    var pause = 1
    while result != 0 && errno == EAGAIN && address.family == AF_UNIX {
      if deadline.hasPassed { throw Errno.timedOut }
      try Fiber.sleep(until: min(deadline, .after(.milliseconds(pause))))
      pause = min(pause * 2, 64)
      result = address.withSockaddr { Glibc.connect(descriptor, $0, $1) }
    }
    guard result != 0 else { return socket }
    // An interrupted connect goes on by itself, as one in progress does: waiting again is right for both.
    guard errno == EINPROGRESS || errno == EINTR else { throw Errno(rawValue: errno) }
    // A wake without readiness is possible: only what is writable has connected or failed.
    var entry = pollfd(fd: descriptor, events: CShort(POLLOUT), revents: 0)
    repeat {
      try Readiness.wait(for: descriptor, .write, until: deadline)
    } while poll(&entry, 1, 0) == 0
    var error: CInt = 0
    var length = socklen_t(MemoryLayout<CInt>.size)
    _ = try systemCall { getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) }
    guard error == 0 else { throw Errno(rawValue: error) }
    return socket
  }

  /// Connects to a host by name or address: each of its addresses is tried in turn until one answers. Parks while the
  /// name is looked up and while connecting.
  public static func connect(host: String, port: UInt16, until deadline: Deadline = .never) throws -> Socket {
    var failure: any Error = ResolverError.notFound(host)
    for address in try Resolver.addresses(of: host, port: port, until: deadline) {
      do {
        return try connect(to: address, until: deadline)
      } catch {
        failure = error
        if deadline.hasPassed { break }
      }
    }
    throw failure
  }

  /// Receives at least one byte, at most as many as the buffer holds; 0 at the end of the stream. Parks until then.
  ///
  /// - Throws: `Errno.timedOut` at the deadline, `Errno.canceled` after ``cancelReceive()``,
  ///   `Errno.badFileDescriptor` when the socket is closed meanwhile. See `recv(2)`.
  public func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline = .never) throws -> Int {
    guard buffer.count > 0 else { return 0 }
    if isDrained { try waitToReceive(deadline) }
    while true {
      let count = recv(descriptor, buffer.baseAddress, buffer.count, cglibc_receive_flags())
      if count >= 0 {
        isDrained = count < buffer.count && count > 0
        return count
      }
      if errno == EINTR { continue }
      guard errno == EAGAIN else { throw Errno(rawValue: errno) }
      if isReceiveCancelled { throw Errno.canceled }
      try waitToReceive(deadline)
    }
  }

  @inline(__always)
  private func waitToReceive(_ deadline: Deadline) throws {
    guard let (hub, fiber) = Hub.running else {
      return try BlockedThread.wait(for: descriptor, .read, until: deadline)
    }
    // What has arrived by the time of a cancellation is still delivered: the caller tries once more.
    if isReceiveCancelled { return }
    let wake = hub.wait(fiber, for: descriptor, Direction.read.event, until: deadline)
    if wake != .ready && !(wake == .called && isReceiveCancelled) { try wake.check() }
  }

  /// Makes a receive that is waiting, and every later one, fail with `Errno.canceled` unless data has arrived.
  public func cancelReceive() {
    isReceiveCancelled = true
    Hub.current?.descriptors.callOffReaders(descriptor)
  }

  /// Takes ``cancelReceive()`` back: receives wait again.
  public func resumeReceive() { isReceiveCancelled = false }

  /// Sends all the bytes; parks while the kernel's buffer is full.
  ///
  /// - Throws: `Errno.brokenPipe` or `Errno.connectionReset` when the peer is gone, `Errno.timedOut` at the deadline;
  ///   some of the bytes may have been sent then. See `send(2)`.
  public func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline = .never) throws {
    var rest = bytes
    while rest.count > 0 {
      let count = Glibc.send(descriptor, rest.baseAddress, rest.count, cglibc_send_flags())
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if errno == EAGAIN {
        try Readiness.wait(for: descriptor, .write, until: deadline)
      } else if errno != EINTR {
        throw Errno(rawValue: errno)
      }
    }
  }

  /// Ends one direction of the connection or both: `SHUT_RD`, `SHUT_WR`, `SHUT_RDWR` of `shutdown(2)`. A peer that is
  /// gone already is no error.
  public func shutdown(_ how: CInt) { _ = Glibc.shutdown(descriptor, how) }

  /// Closes the socket. Fibers that wait for it fail with `Errno.badFileDescriptor`. Closing twice does nothing.
  public func close() {
    guard descriptor >= 0 else { return }
    let closing = descriptor
    descriptor = -1
    DescriptorOwners.close(closing)
  }

  /// The peer's address as text.
  public var peerDescription: String { peer?.description ?? "unknown" }
}
