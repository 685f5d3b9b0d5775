internal import Glibc
internal import SystemPackage

/// Where a trace goes.
package protocol TraceSink: AnyObject {
  /// Takes some of its text. `false` where it takes no more.
  func write(_ bytes: [UInt8]) -> Bool
  /// Nothing follows.
  func end()
  /// What a forked child writes to instead; `nil` where its trace ends.
  func forked() -> (any TraceSink)?
}

/// A file, as a whole array in JSON.
final class TraceFile: TraceSink {
  private var descriptor: CInt
  /// Of the file that a forked child makes.
  private let childPath: (() -> String)?

  init(_ path: String, childPath: (() -> String)? = nil) throws {
    // Unsafe: nothing here may wait in the hub, since this is called in the middle of a switch.
    descriptor = bypassingRedirect { open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) }
    self.childPath = childPath
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    _ = write(Array("[\n".utf8))
  }

  deinit { end() }

  func write(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { bytes in
      bypassingRedirect {
        var rest = bytes[...]
        while !rest.isEmpty {
          let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
          if count < 0 && errno == EINTR { continue }
          guard count > 0 else {
            Report.message("the trace ends: \(Errno(rawValue: errno))")
            return false
          }
          rest = rest.dropFirst(count)
        }
        return true
      }
    }
  }

  func end() {
    guard descriptor >= 0 else { return }
    _ = write(Array("\n]\n".utf8))
    drop()
  }

  private func drop() {
    _ = bypassingRedirect { close(descriptor) }
    descriptor = -1
  }

  func forked() -> (any TraceSink)? {
    // The file is its parent's.
    drop()
    return childPath.flatMap { try? TraceFile($0(), childPath: childPath) }
  }
}

/// Memory, as events without the brackets around them.
package final class TraceMemory: TraceSink {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package func write(_ bytes: [UInt8]) -> Bool {
    self.bytes += bytes
    return true
  }

  package func end() {}
  package func forked() -> (any TraceSink)? { nil }
}
