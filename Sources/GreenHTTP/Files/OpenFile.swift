internal import CGlibc
internal import Glibc
internal import SystemPackage

/// A regular file that is open for reading, as it was when it was opened. Closed with the object. Any thread may use it.
package final class OpenFile: Sendable {
  package let descriptor: CInt
  package let byteCount: Int
  let validators: Validators

  /// Opens a file.
  ///
  /// - Throws: `Errno`, as `open(2)`; `noSuchFileOrDirectory` for whatever is not a regular file.
  package convenience init(path: String) throws {
    if path.utf8.contains(0) { throw Errno.noSuchFileOrDirectory }
    try self.init(adopting: cglibc_open_file(path))
  }

  /// Takes over a descriptor, or an error in `errno`.
  package init(adopting descriptor: CInt) throws {
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let error = Errno(rawValue: errno)
      Glibc.close(descriptor)
      throw error
    }
    // A FIFO would be waited for, a device may do anything.
    guard status.st_mode & S_IFMT == S_IFREG else {
      Glibc.close(descriptor)
      throw status.st_mode & S_IFMT == S_IFDIR ? Errno.isDirectory : Errno.noSuchFileOrDirectory
    }
    self.descriptor = descriptor
    byteCount = Int(status.st_size)
    validators = Validators(file: status)
  }

  deinit { Glibc.close(descriptor) }

  /// Reads bytes from a place of the file on, as many as there are room and bytes for.
  ///
  /// - Throws: ``FileBodyError`` where that fails, or nothing is there.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    while true {
      let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
      if count > 0 { return count }
      if count == 0 { throw FileBodyError.shrunk(to: offset, from: byteCount) }
      if errno != EINTR { throw FileBodyError.unreadable(Errno(rawValue: errno).description) }
    }
  }

  /// All of it, as a body.
  package var body: StreamedBody { StreamedBody(length: byteCount) { try $0.write(self, 0..<self.byteCount) } }

  /// Reads a part, and calls `body` with each piece of it.
  package func read(_ part: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try withUnsafeTemporaryAllocation(byteCount: min(part.count, 65_536), alignment: 16) { room in
      var offset = part.lowerBound
      while offset < part.upperBound {
        let wanted = UnsafeMutableRawBufferPointer(rebasing: room.prefix(part.upperBound - offset))
        let count = try read(into: wanted, at: offset)
        try body(UnsafeRawBufferPointer(rebasing: wanted[..<count]))
        offset += count
      }
    }
  }
}

extension Validators {
  /// A tag of inode, length and time: weak for a file that was changed less than two seconds ago, since it may change again
  /// without the kernel's clock having gone on (RFC 9110, 8.8.1).
  fileprivate init(file status: stat) {
    let time = status.st_mtim
    let hex = { (number: Int) in String(UInt(bitPattern: number), radix: 16) }
    let value = "\(hex(Int(status.st_ino)))-\(hex(Int(status.st_size)))-\(hex(time.tv_sec)).\(hex(time.tv_nsec))"
    let seconds = Int64(time.tv_sec)
    let isRecent = seconds > Self.now - 2
    // RFC 9110, 8.8.2.1: a time that lies ahead is replaced by the answer's own.
    self.init(entityTag: EntityTag(value, isWeak: isRecent), lastModified: min(seconds, Self.now))
  }
}
