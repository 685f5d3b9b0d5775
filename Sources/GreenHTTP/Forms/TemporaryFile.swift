internal import Glibc
internal import Green
internal import SystemPackage

/// A file without a name, which goes with the object. Any thread may read it once it has been written.
final class TemporaryFile: @unchecked Sendable {
  // Unsafe: the count changes while the file is written, by the one who makes it.
  private let descriptor: CInt
  private(set) var count = 0

  /// Makes an empty one in `TMPDIR`, or in `/tmp`.
  ///
  /// - Throws: `Errno`.
  init() throws {
    // O_TMPFILE of open(2): it never has a name. Not every file system knows it.
    var descriptor = open(TemporaryPath.folder, O_RDWR | O_CLOEXEC | Self.withoutName, 0o600)
    if descriptor < 0 { descriptor = try Self.unlinked() }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// `O_TMPFILE`, a macro that is not imported.
  private static var withoutName: CInt { 0o20_000_000 | O_DIRECTORY }

  private static func unlinked() throws -> CInt {
    let (descriptor, path) = try TemporaryPath.makeFile("greenfinch")
    unlink(path)
    return descriptor
  }

  /// Adds bytes at the end.
  func append(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count, let base = bytes.baseAddress {
        let result = pwrite(descriptor, base + written, bytes.count - written, off_t(count + written))
        if result < 0 && errno == EINTR { continue }
        guard result > 0 else { throw Errno(rawValue: errno) }
        written += result
      }
      count += written
    }
  }

  /// At most so many bytes from a place on; none at the end.
  func read(upTo most: Int, at offset: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: max(0, min(most, count - offset))) { memory, filled in
      while filled < memory.count, let base = memory.baseAddress {
        let result = pread(descriptor, base + filled, memory.count - filled, off_t(offset + filled))
        if result < 0 && errno == EINTR { continue }
        guard result >= 0 else { throw Errno(rawValue: errno) }
        if result == 0 { return }
        filled += result
      }
    }
  }
}
