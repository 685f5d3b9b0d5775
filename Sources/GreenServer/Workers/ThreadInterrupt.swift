import CProcess
import Glibc
import SystemPackage

/// What one thread of a pool waits for besides its client.
final class ThreadInterrupt: Sendable {
  let descriptor: CInt

  init() throws(SystemCallError) {
    descriptor = green_event_open()
    if descriptor < 0 { throw SystemCallError("eventfd", Errno(rawValue: errno)) }
  }

  func set() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, 8)
  }

  func clear() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, 8)
  }
}
