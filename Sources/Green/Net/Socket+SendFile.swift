internal import CGlibc
internal import Glibc
internal import SystemPackage

extension Socket {
  /// Sends a part of a file. The bytes go from the kernel's cache to the socket without passing through the process;
  /// where the file or the socket does not allow that, they are read and sent. Parks while the kernel's buffer is full.
  /// A part of the file that is not in memory is read from the disk meanwhile, which blocks the thread.
  ///
  /// - Parameters:
  ///   - file: a descriptor open for reading; its own position is neither used nor changed.
  ///   - offset: where in the file the part begins.
  ///   - count: how many bytes to send; fewer are sent where the file ends before.
  ///   - deadline: when to give up, with `Errno.timedOut`.
  /// - Returns: how many bytes were sent.
  /// - Throws: as `send(_:until:)`; the file's own errors, see `sendfile(2)`.
  @discardableResult
  public func sendFile(_ file: CInt, offset: Int64, count: Int, until deadline: Deadline = .never) throws -> Int {
    try sendFile(file, offset, count, until: deadline) { try Readiness.wait(for: descriptor, .write, until: deadline) }
  }

  /// As ``sendFile(_:offset:count:until:)``, however long that takes, as long as the peer keeps to a pace.
  ///
  /// - Throws: `Errno.timedOut` when the peer is too slow.
  public func sendFile(_ file: CInt, offset: Int64, count: Int, pace: Pace) throws -> Int {
    // Who sends meanwhile has a time of its own.
    try sendFile(file, offset, count, until: .never) { try waitForRoom(pace) }
  }

  /// What one call moves at most: the copy of it into the socket, and reading it from a disk, hold the thread.
  private static var mostAtOnce: Int { 1 << 18 }

  private func sendFile(
    _ file: CInt, _ offset: Int64, _ count: Int, until deadline: Deadline, waiting wait: () throws -> Void
  ) throws -> Int {
    guard offset >= 0, count >= 0, !offset.addingReportingOverflow(Int64(count)).overflow else {
      throw Errno.invalidArgument
    }
    var sent = 0
    // Only a socket that does not block may be given to sendfile, which has no flag for it.
    var isCopied = fcntl(descriptor, F_GETFL) & O_NONBLOCK == 0
    try sendInTurn(until: deadline, waiting: wait) {
      while sent < count {
        let part = min(count - sent, Self.mostAtOnce)
        let position = offset + Int64(sent)
        let result =
          isCopied ? copy(file, position, part) : cglibc_send_file(descriptor, file, position, part)
        if result == 0 { return true }
        if result > 0 {
          sent += result
          Hub.spend(bytes: result)
          continue
        }
        switch errno {
        case EAGAIN: return false
        case EINTR: continue
        // Files without pages, and some file systems.
        case EINVAL, ENOSYS, EOPNOTSUPP: if isCopied { throw Errno(rawValue: errno) } else { isCopied = true }
        case let error: throw Errno(rawValue: error)
        }
      }
      return true
    }
    return sent
  }

  /// One attempt by reading and sending: what is read and not sent is read again.
  private func copy(_ file: CInt, _ offset: Int64, _ count: Int) -> Int {
    withUnsafeTemporaryAllocation(byteCount: min(count, 65_536), alignment: 1) { buffer in
      let read = pread(file, buffer.baseAddress, buffer.count, off_t(offset))
      return read > 0 ? Glibc.send(descriptor, buffer.baseAddress, read, cglibc_send_flags()) : read
    }
  }
}
