import CProcess
import Glibc

/// What one thread of a pool waits for besides its client.
final class ThreadInterrupt: Sendable {
  let descriptor = green_event_open()

  func set() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, 8)
  }

  func clear() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, 8)
  }
}
