import CProcess
import Glibc
import Synchronization

/// A descriptor that lines are written to, each with one `write(2)` where the kernel takes it at once.
///
/// A log that cannot be written costs lines, never a process: an error loses the line, and a log that nobody reads is
/// waited for a tenth of a second, and from then on not at all until it takes something again. What was lost is counted.
final class LogFile: Sendable {
  private let log: cprocess_log
  private let lost = Atomic<Int>(0)
  /// Whether the last line could not be written, so that the next does not wait.
  private let isStuck = Atomic<Bool>(false)
  /// Whether the last line was cut off, so that the next begins with an end.
  private let isCut = Atomic<Bool>(false)

  static let standardError = LogFile(STDERR_FILENO)

  /// Writes to a descriptor, which it does not own.
  init(_ descriptor: CInt) { log = cprocess_log_open(descriptor) }

  /// Whether the last line could be written.
  var isWorking: Bool { !isStuck.load(ordering: .relaxed) }

  /// Lines that could not be written since it was last asked.
  func takeLost() -> Int { lost.exchange(0, ordering: .relaxed) }

  /// Writes a line; false where it was lost.
  @discardableResult
  func write(_ line: String) -> Bool {
    var line = isCut.load(ordering: .relaxed) ? "\n" + line : line
    let isWritten = line.withUTF8 { writeAll(UnsafeRawBufferPointer($0)) }
    isStuck.store(!isWritten, ordering: .relaxed)
    if !isWritten { lost.add(1, ordering: .relaxed) }
    return isWritten
  }

  /// Writes what another has said, as it is; false where some of it was lost.
  @discardableResult
  func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let isWritten = writeAll(bytes)
    isStuck.store(!isWritten, ordering: .relaxed)
    if !isWritten { lost.add(1, ordering: .relaxed) }
    return isWritten
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let written = withUnsafePointer(to: log) { cprocess_log_write($0, rest.baseAddress, rest.count) }
      if written >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      } else if errno != EINTR && !(errno == EAGAIN && isWritable()) {
        break
      }
    }
    if rest.isEmpty {
      isCut.store(false, ordering: .relaxed)
    } else if rest.count < bytes.count {
      isCut.store(true, ordering: .relaxed)
    }
    return rest.isEmpty
  }

  private func isWritable() -> Bool {
    withUnsafePointer(to: log) { cprocess_log_wait($0, isStuck.load(ordering: .relaxed) ? 0 : 100) } != 0
  }
}
