internal import CGlibc
internal import Glibc
internal import SystemPackage

/// This side of a pipe to or from a child process.
///
/// A call that has to wait parks the fiber; on a plain thread it blocks the thread, with the same deadlines. This side
/// is non-blocking; the child's is not.
public final class ChildPipe {
  /// The descriptor, -1 once closed.
  public private(set) var descriptor: Int32

  init(adopting descriptor: CInt) {
    self.descriptor = descriptor
    DescriptorOwners.opened(descriptor)
    let flags = fcntl(descriptor, F_GETFL)
    if flags >= 0 { _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
  }

  deinit { close() }

  /// Reads at least one byte, at most as many as the buffer holds; 0 at the end, when every process that had the other
  /// end has closed it. Parks until then.
  ///
  /// - Throws: `Errno.timedOut` at the deadline, `Errno.badFileDescriptor` when the pipe is closed meanwhile. See
  ///   `read(2)`.
  public func read(into buffer: UnsafeMutableRawBufferPointer, until deadline: Deadline = .never) throws -> Int {
    while true {
      if let count = try readAvailable(into: buffer) {
        Hub.spend(bytes: count)
        return count
      }
      try Readiness.wait(for: descriptor, .read, until: deadline)
    }
  }

  /// As ``read(into:until:)`` where nothing has to be waited for, else `nil`.
  func readAvailable(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int? {
    do throws(Errno) {
      return try systemCall { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
    } catch .wouldBlock {
      return nil
    }
  }

  /// Reads until the end, as ``read(into:until:)`` does.
  public func readAll(until deadline: Deadline = .never) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try withUnsafeTemporaryAllocation(byteCount: Self.pieceSize, alignment: 1) { buffer in
      while true {
        let count = try read(into: buffer, until: deadline)
        if count == 0 { return }
        bytes.append(contentsOf: buffer[..<count])
      }
    }
    return bytes
  }

  /// Writes all the bytes; parks while the pipe is full.
  ///
  /// - Throws: `Errno.brokenPipe` when nobody can read them any more, and no `SIGPIPE` is raised; `Errno.timedOut` at the
  ///   deadline: some of the bytes may have been written then. See `write(2)`.
  public func write(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline = .never) throws {
    var rest = bytes
    while rest.count > 0 {
      if let count = try writeAvailable(rest) {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        if rest.isEmpty { Hub.spend(bytes: bytes.count) }
      } else {
        try Readiness.wait(for: descriptor, .write, until: deadline)
      }
    }
  }

  /// Writes as many of the bytes as there is room for, `nil` when there is none.
  func writeAvailable(_ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int? {
    do throws(Errno) {
      return try systemCall { cglibc_write(descriptor, bytes.baseAddress, bytes.count) }
    } catch .wouldBlock {
      return nil
    }
  }

  /// Writes a text as UTF-8, as ``write(_:until:)`` does.
  public func write(_ text: String, until deadline: Deadline = .never) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0), until: deadline) }
  }

  /// Closes this side: the child sees the end of its input, or its next write fail. Fibers that wait for the pipe fail with
  /// `Errno.badFileDescriptor`. Closing twice does nothing.
  public func close() {
    guard descriptor >= 0 else { return }
    let closing = descriptor
    descriptor = -1
    DescriptorOwners.close(closing)
  }

  /// What a pipe commonly holds: pipe(7).
  static let pieceSize = 64 * 1024
}
