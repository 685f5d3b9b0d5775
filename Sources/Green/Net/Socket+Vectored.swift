internal import CGlibc
internal import Glibc
internal import SystemPackage

/// What one call takes at most: IOV_MAX, `UIO_MAXIOV` of Linux.
private let mostParts = 1024

/// Bytes in several places, as one message of the stream: nothing is copied together.
extension Socket {
  /// Receives into several buffers, the first filled before the second is begun; how many bytes in all, 0 at the end of
  /// the stream. Parks until there is at least one. Costs one system call and no copy; see `readv(2)`.
  ///
  /// - Throws: as `receive(into:until:)`.
  public func receive(into buffers: [UnsafeMutableRawBufferPointer], until deadline: Deadline = .never) throws -> Int {
    // More than IOV_MAX buffers at once the kernel refuses: the rest is for the next call.
    let buffers = buffers.prefix(mostParts)
    let room = buffers.reduce(0) { $0 + $1.count }
    guard room > 0 else { return 0 }
    return try withUnsafeTemporaryAllocation(of: iovec.self, capacity: buffers.count) { parts in
      for (index, buffer) in buffers.enumerated() {
        parts.initializeElement(at: index, to: iovec(iov_base: buffer.baseAddress, iov_len: buffer.count))
      }
      return try receiving(until: deadline) {
        let count = cglibc_receive_parts(descriptor, parts.baseAddress, parts.count)
        isDrained = count < room && count > 0
        return count
      }
    }
  }

  /// Receives without taking: the next receive gets the same bytes again. At least one, 0 at the end of the stream. Parks
  /// until then. See `MSG_PEEK` of `recv(2)`.
  ///
  /// - Throws: as `receive(into:until:)`.
  public func peek(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline = .never) throws -> Int {
    guard buffer.count > 0 else { return 0 }
    return try receiving(until: deadline) {
      let count = cglibc_peek(descriptor, buffer.baseAddress, buffer.count)
      isDrained = false
      return count
    }
  }

  /// Sends the bytes of several buffers, all of them, in their order. Parks while the kernel's buffer is full. Costs one
  /// system call, where the kernel takes all at once, and no copy; see `writev(2)`.
  ///
  /// - Throws: as `send(_:until:)`.
  public func send(_ buffers: [UnsafeRawBufferPointer], until deadline: Deadline = .never) throws {
    try send(buffers, until: deadline) { try Readiness.wait(for: descriptor, .write, until: deadline) }
  }

  /// Sends the bytes of several buffers, all of them, in their order, however long that takes, as long as the peer keeps to a
  /// pace. Costs what ``send(_:until:)-([UnsafeRawBufferPointer],_)`` costs.
  ///
  /// - Throws: as ``send(_:pace:)-(UnsafeRawBufferPointer,_)``.
  public func send(_ buffers: [UnsafeRawBufferPointer], pace: Pace) throws {
    // Who sends meanwhile has a time of its own.
    try send(buffers, until: .never) { try waitForRoom(pace) }
  }

  private func send(_ buffers: [UnsafeRawBufferPointer], until deadline: Deadline, waiting wait: () throws -> Void)
    throws
  {
    try withUnsafeTemporaryAllocation(of: iovec.self, capacity: buffers.count) { all in
      for (index, buffer) in buffers.enumerated() {
        let base = UnsafeMutableRawPointer(mutating: buffer.baseAddress)
        all.initializeElement(at: index, to: iovec(iov_base: base, iov_len: buffer.count))
      }
      var rest = all[...]
      Self.advance(&rest, 0)
      try sendInTurn(until: deadline, waiting: wait) {
        let count = try sendNow {
          let some = UnsafeMutableBufferPointer(rebasing: rest.prefix(mostParts))
          return cglibc_send_parts(descriptor, some.baseAddress, some.count)
        }
        Self.advance(&rest, count)
        Hub.spend(bytes: count)
        return rest.isEmpty
      }
    }
  }

  /// Passes over what has been sent, and over what is empty.
  private static func advance(_ parts: inout Slice<UnsafeMutableBufferPointer<iovec>>, _ count: Int) {
    var count = count
    while let first = parts.first, first.iov_len <= count {
      count -= first.iov_len
      parts.removeFirst()
    }
    guard count > 0, !parts.isEmpty else { return }
    parts[parts.startIndex].iov_base += count
    parts[parts.startIndex].iov_len -= count
  }

  /// Makes attempts to send until one says that all is sent, waiting before each but the first.
  func sendInTurn(until deadline: Deadline, _ attempt: () throws -> Bool) throws {
    try sendInTurn(
      until: deadline, waiting: { try Readiness.wait(for: descriptor, .write, until: deadline) }, attempt)
  }

  /// The same with another way to wait. `deadline` is for the turn.
  func sendInTurn(until deadline: Deadline, waiting wait: () throws -> Void, _ attempt: () throws -> Bool) throws {
    try sendingTurn.use(until: deadline) {
      while try !attempt() { try wait() }
    }
  }
}
