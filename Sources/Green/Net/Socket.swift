internal import CGlibc
internal import Glibc
internal import SystemPackage

/// A connected stream socket, TCP or Unix domain, used in blocking style.
///
/// In a fiber a call that has to wait parks the fiber; on a plain thread the same call blocks the thread, with the same
/// deadlines. One fiber may receive while another sends. A second receiver waits for the first to return, and a second sender
/// until the first has sent all: their bytes never mix.
public final class Socket: SocketHandle {
  /// The descriptor, -1 once closed.
  ///
  /// Unsafe: this and the two below are single loads and stores; to look for overlapping uses would cost each call.
  @exclusivity(unchecked) public private(set) var descriptor: CInt
  /// Who is at the other end.
  public let peer: SocketAddress?
  /// Whether the last receive was short: then the kernel has nothing more, and trying again before waiting would cost a
  /// system call to learn it.
  @exclusivity(unchecked) package var isDrained = false
  @exclusivity(unchecked) private var isReceiveCancelled = false
  /// Outside fibers, a descriptor that ends a wait to receive when it becomes readable, as ``cancelReceive()`` does for a
  /// fiber: so one thread ends the wait of another. -1 for none.
  @exclusivity(unchecked) package var receiveInterrupt: CInt = -1
  /// From when on it does.
  @exclusivity(unchecked) package var receiveInterruptTime = Deadline(nanoseconds: 0)
  let receivingTurn = Turn()
  let sendingTurn = Turn()

  /// Takes over a connected descriptor; it is closed with the socket. Sets `TCP_NODELAY` on TCP.
  public convenience init(adopting descriptor: CInt, peer: SocketAddress? = nil) {
    self.init(adopting: descriptor, peer: peer, hasNoDelay: false)
  }

  /// - Parameter hasNoDelay: whether `TCP_NODELAY` is set already, which saves the system call.
  init(adopting descriptor: CInt, peer: SocketAddress?, hasNoDelay: Bool) {
    self.descriptor = descriptor
    self.peer = peer
    DescriptorOwners.opened(descriptor)
    if !hasNoDelay && peer?.family != AF_UNIX { cglibc_set_no_delay(descriptor) }
  }

  deinit { close() }

  /// Receives at least one byte, at most as many as the buffer holds; 0 at the end of the stream. Parks until then.
  ///
  /// - Throws: `Errno.timedOut` at the deadline, `Errno.canceled` after ``cancelReceive()``,
  ///   `Errno.badFileDescriptor` when the socket is closed meanwhile. See `recv(2)`.
  public func receive(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline = .never) throws -> Int {
    guard buffer.count > 0 else { return 0 }
    return try receiving(until: deadline) {
      let count = recv(descriptor, buffer.baseAddress, buffer.count, cglibc_receive_flags())
      isDrained = count < buffer.count && count > 0
      return count
    }
  }

  /// Makes an attempt to receive, and more of them after a wait each, until one does not fail with `EAGAIN`. An attempt that
  /// receives less than there could be sets ``isDrained``.
  @inline(__always)
  package func receiving(until deadline: Deadline, _ attempt: () -> Int) throws -> Int {
    if !isDrained && !receivingTurn.isTaken, let count = try receiveNow(attempt) { return count }
    return try receivingTurn.use(until: deadline) {
      while true {
        let isInTime = isDrained ? try waitToReceive(deadline) : true
        // What has come by the deadline, or before the receive was cancelled, is still delivered.
        if let count = try receiveNow(attempt) { return count }
        if isReceiveCancelled { throw Errno.canceled }
        if !isInTime { throw Errno.timedOut }
      }
    }
  }

  /// One attempt: `nil` when there is nothing to receive yet.
  @inline(__always)
  private func receiveNow(_ attempt: () -> Int) throws -> Int? {
    while true {
      let count = attempt()
      if count >= 0 {
        Hub.spend(bytes: count)
        return count
      }
      if errno == EAGAIN {
        isDrained = true
        return nil
      }
      if errno != EINTR { throw Errno(rawValue: errno) }
    }
  }

  /// Waits until there is something to receive, or ``cancelReceive()``: for a connection that may be idle for long, and
  /// is to hold no buffer meanwhile. Parks until then.
  ///
  /// - Returns: `false` when the deadline has passed.
  /// - Throws: as ``receive(into:until:)-(UnsafeMutableRawBufferPointer,_)`` except for those two.
  public func waitToReceive(until deadline: Deadline = .never) throws -> Bool {
    // Not known to be drained: the next receive finds out.
    guard isDrained else { return true }
    guard try waitToReceive(deadline) else { return false }
    isDrained = false
    return true
  }

  /// - Returns: `false` when the deadline has passed.
  @inline(__always)
  private func waitToReceive(_ deadline: Deadline) throws -> Bool {
    guard let (hub, fiber) = Hub.running else { return try waitOnThread(deadline) }
    if isReceiveCancelled { return true }
    let wake = hub.wait(fiber, for: descriptor, Direction.read.event, until: deadline)
    switch wake {
    case .ready: return true
    case .deadline: return false
    case .called where isReceiveCancelled: return true
    default:
      try wake.check()
      return true
    }
  }

  /// Whether there is something to receive before a time.
  private func comes(before time: Deadline) throws -> Bool {
    if time.hasPassed { return false }
    do {
      try BlockedThread.wait(for: descriptor, .read, until: time)
      return true
    } catch Errno.timedOut {
      return false
    }
  }

  @inline(never)
  private func waitOnThread(_ deadline: Deadline) throws -> Bool {
    do {
      if receiveInterrupt < 0 || receiveInterruptTime >= deadline {
        try BlockedThread.wait(for: descriptor, .read, until: deadline)
      } else if try comes(before: receiveInterruptTime) {
      } else if try BlockedThread.wait(toRead: descriptor, until: deadline, interruptedBy: receiveInterrupt) {
        isReceiveCancelled = true
      }
      return true
    } catch Errno.timedOut {
      return false
    }
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
    guard let rest = try sendFirst(bytes) else { return }
    try send(rest, until: deadline) { try Readiness.wait(for: descriptor, .write, until: deadline) }
  }

  /// What one attempt to send has left.
  struct Unsent {
    let bytes: UnsafeRawBufferPointer
    /// Whether there was an attempt, and not another's turn.
    let isBufferFull: Bool
  }

  /// One attempt to send, where nobody else is sending. `nil` when all has been sent.
  @inline(__always)
  func sendFirst(_ bytes: UnsafeRawBufferPointer) throws -> Unsent? {
    guard bytes.count > 0 else { return nil }
    let isFree = !sendingTurn.isTaken
    let sent = isFree ? try sendNow(bytes) : 0
    guard sent < bytes.count else {
      Hub.spend(bytes: sent)
      return nil
    }
    return Unsent(bytes: UnsafeRawBufferPointer(rebasing: bytes[sent...]), isBufferFull: isFree)
  }

  /// Sends what the kernel takes at once, which may be nothing; also where another fiber is about to send. Never parks.
  ///
  /// - Returns: how many of the bytes were sent.
  /// - Throws: as ``send(_:until:)-(UnsafeRawBufferPointer,_)``, but never for being late.
  public func sendWithoutWaiting(_ bytes: UnsafeRawBufferPointer) throws -> Int {
    sendingTurn.isTaken || bytes.isEmpty ? 0 : try sendNow(bytes)
  }

  @inline(__always)
  private func sendNow(_ bytes: UnsafeRawBufferPointer) throws -> Int {
    try sendNow { Glibc.send(descriptor, bytes.baseAddress, bytes.count, cglibc_send_flags()) }
  }

  /// Sends when it is this sender's turn, all of it, and calls `wait` where the kernel's buffer is full. `deadline` is for
  /// the turn.
  @inline(never)
  func send(_ unsent: Unsent, until deadline: Deadline, waiting wait: () throws -> Void) throws {
    try sendingTurn.use(until: deadline) {
      var rest = unsent.bytes
      if unsent.isBufferFull { try wait() }
      while true {
        rest = UnsafeRawBufferPointer(rebasing: rest[try sendNow(rest)...])
        if rest.isEmpty { return }
        try wait()
      }
    }
  }

  /// One attempt to send: 0 when the kernel's buffer is full.
  @inline(__always)
  func sendNow(_ attempt: () -> Int) throws -> Int {
    while true {
      let count = attempt()
      if count >= 0 { return count }
      if errno == EAGAIN { return 0 }
      if errno != EINTR { throw Errno(rawValue: errno) }
    }
  }

  /// Ends one direction of the connection or both: `SHUT_RD`, `SHUT_WR`, `SHUT_RDWR` of `shutdown(2)`. A peer that is
  /// gone already is not an error.
  public func shutdown(_ how: CInt) { _ = Glibc.shutdown(descriptor, how) }

  /// Closes the socket. Fibers that wait for it fail with `Errno.badFileDescriptor`. Closing twice does nothing.
  public func close() {
    guard descriptor >= 0 else { return }
    let closing = descriptor
    descriptor = -1
    DescriptorOwners.close(closing)
    receivingTurn.wakeAll()
    sendingTurn.wakeAll()
  }

  /// The peer's address as text.
  public var peerDescription: String { peer?.description ?? "unknown" }
}
