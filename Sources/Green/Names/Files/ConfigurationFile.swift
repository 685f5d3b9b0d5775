internal import Glibc

/// A configuration file of the system: read when it is first needed, and again when it has changed, which is looked at
/// once a second at most.
///
/// A file that is not there, cannot be read or is not a regular file counts as empty, as it does for the C library.
final class ConfigurationFile<Contents> {
  private let path: String
  private let parse: ([UInt8]) -> Contents
  private var contents: Contents?
  private var stamp = FileStamp()
  private var lastLook: Int64 = 0
  /// Counts the readings.
  private(set) var version = 0

  init(_ path: String, parse: @escaping ([UInt8]) -> Contents) {
    self.path = path
    self.parse = parse
  }

  /// The file's contents. Does not park: the file is read in place, as the C library does.
  var current: Contents {
    let now = Deadline.now.nanoseconds
    if let contents, now &- lastLook < 1_000_000_000 { return contents }
    lastLook = now
    let found = look()
    if let contents, found == stamp { return contents }
    return read(found)
  }

  /// Has the next use look at the file, however lately that was done.
  func lookAgain() { lastLook = Deadline.now.nanoseconds &- 1_000_000_000 }

  private func look() -> FileStamp {
    var status = stat()
    return stat(path, &status) == 0 ? FileStamp(status) : FileStamp()
  }

  /// - Parameter seen: what the file looks like from outside, which counts where it cannot be opened: until it changes,
  ///   it is not tried again.
  private func read(_ seen: FileStamp) -> Contents {
    guard let (bytes, found) = bypassingRedirect({ Self.bytes(path) }) else {
      // What was read before still holds; without that, the next call tries again.
      return contents ?? parse([])
    }
    let new = parse(bytes)
    stamp = found ?? seen
    contents = new
    version += 1
    return new
  }

  /// More than any such file holds, a list of hosts to be blocked included.
  private static var largest: Int { 64 << 20 }

  /// `nil` where that failed for want of descriptors or memory, which will pass; no stamp where it cannot be opened.
  private static func bytes(_ path: String) -> ([UInt8], FileStamp?)? {
    // O_NONBLOCK: a FIFO in the file's place is not waited for.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      return [EMFILE, ENFILE, ENOMEM, EINTR].contains(errno) ? nil : ([], nil)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    guard status.st_mode & S_IFMT == S_IFREG else { return ([], FileStamp(status)) }
    var bytes: [UInt8] = []
    let step = max(4096, min(Int(status.st_size) + 1, largest))
    while bytes.count < largest {
      var isWhole = true
      let more = [UInt8](unsafeUninitializedCapacity: step) { buffer, count in
        let got = Glibc.read(descriptor, buffer.baseAddress, step)
        isWhole = got >= 0
        count = max(0, got)
      }
      if !isWhole { return nil }
      if more.isEmpty { break }
      bytes += more
    }
    return (bytes, FileStamp(status))
  }
}

/// What tells a file that has been changed or replaced, or may be read by others now, from what it was.
private struct FileStamp: Equatable {
  var device = dev_t()
  var inode = ino_t()
  var size = -1
  var seconds = 0
  var nanoseconds = 0
  var changeSeconds = 0
  var changeNanoseconds = 0

  init() {}

  init(_ status: stat) {
    device = status.st_dev
    inode = status.st_ino
    size = Int(status.st_size)
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
    changeSeconds = status.st_ctim.tv_sec
    changeNanoseconds = status.st_ctim.tv_nsec
  }
}
