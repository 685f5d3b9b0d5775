internal import CGlibc
internal import Glibc
internal import SystemPackage

/// A stream of bytes over any descriptor: the end of a pipe, a terminal, a file, a socket that somebody opened.
///
/// In a fiber a call that has to wait parks the fiber; on a plain thread it blocks the thread, with the same deadlines.
/// The descriptor's `O_NONBLOCK` stays as it is. Files are read and written directly, which blocks the thread for as
/// long as the disk takes. Of several fibers that read, the first gets what comes first; what one writes is not mixed
/// with what another writes through the same object.
public final class DescriptorStream {
  /// The descriptor, -1 once closed.
  public private(set) var descriptor: CInt
  private let isOwner: Bool
  /// What is read, written and waited for: the descriptor, or the same terminal opened once more.
  private var used: CInt
  private var kind: DescriptorKind
  /// Whether the last read was short: then there is nothing more, and trying again before waiting would be in vain.
  private var isDrained = false
  private let readingTurn = Turn()
  private let writingTurn = Turn()

  /// A stream over an open descriptor.
  ///
  /// - Parameters:
  ///   - descriptor: open for reading, for writing or for both.
  ///   - closes: whether the descriptor is closed with the stream.
  public init(adopting descriptor: CInt, closes: Bool = true) {
    self.descriptor = descriptor
    isOwner = closes
    used = descriptor
    kind = DescriptorKind(of: descriptor)
    if closes { DescriptorOwners.opened(descriptor) }
    if case .polled = kind {
      let own = cglibc_reopen_terminal(descriptor)
      if own >= 0 {
        used = own
        kind = .nonblocking
        DescriptorOwners.opened(own)
      }
    }
  }

  deinit { close() }

  /// Reads at least one byte, at most as many as the buffer holds; 0 at the end. Parks until then.
  ///
  /// - Throws: `Errno.timedOut` at the deadline, `Errno.badFileDescriptor` when the stream is closed meanwhile. See
  ///   `read(2)`.
  public func read(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline = .never) throws -> Int {
    guard buffer.count > 0 else { return 0 }
    if !isDrained && !readingTurn.isTaken, let count = try readNow(buffer) { return count }
    return try readingTurn.use(until: deadline) {
      while true {
        if isDrained {
          do {
            try Readiness.wait(for: used, .read, until: deadline)
          } catch Errno.timedOut {
            // What has come by the deadline still counts.
            guard let count = try readNow(buffer) else { throw Errno.timedOut }
            return count
          }
        }
        if let count = try readNow(buffer) { return count }
      }
    }
  }

  /// One attempt: `nil` when there is nothing to read yet.
  private func readNow(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int? {
    while true {
      let count = kind.read(used, buffer)
      if count >= 0 {
        isDrained = count < buffer.count && count > 0 && kind != .direct
        Hub.spend(bytes: count)
        return count
      }
      if errno == EAGAIN {
        isDrained = true
        return nil
      }
      try correctKind()
    }
  }

  /// Writes all the bytes; parks while there is no room for them.
  ///
  /// - Throws: `Errno.brokenPipe` when nobody will read them (SIGPIPE is not raised), `Errno.timedOut` at the deadline,
  ///   `Errno.badFileDescriptor` when the stream is closed meanwhile; some of the bytes may have been written then. See
  ///   `write(2)`.
  public func write(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline = .never) throws {
    try writingTurn.use(until: deadline) {
      var rest = bytes
      while !rest.isEmpty {
        let count = kind.write(used, rest)
        if count >= 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
          Hub.spend(bytes: count)
        } else if errno == EAGAIN {
          try Readiness.wait(for: used, .write, until: deadline)
        } else {
          try correctKind()
        }
      }
    }
  }

  /// After an attempt that failed: how to go on with another.
  private func correctKind() throws {
    if kind.isRefused {
      kind = .untried
    } else if errno != EINTR {
      throw Errno(rawValue: errno)
    }
  }

  /// Closes the stream, and its descriptor unless that was lent. Fibers that wait for it fail with
  /// `Errno.badFileDescriptor`. Closing twice does nothing.
  public func close() {
    guard descriptor >= 0 else { return }
    let (lent, own) = (descriptor, used)
    descriptor = -1
    used = -1
    if own != lent { DescriptorOwners.close(own) }
    if isOwner { DescriptorOwners.close(lent) } else { Hub.current?.descriptors.wakeAll(lent) }
    readingTurn.wakeAll()
    writingTurn.wakeAll()
  }
}
