import CGlibc
import Glibc
import SystemPackage

/// Something that has happened, as a descriptor to wait for: readable from ``set()`` to ``clear()``, see `eventfd(2)`. Any
/// thread may use it.
final class EventDescriptor: Sendable {
  let descriptor: CInt

  init() throws(SystemCallError) {
    descriptor = cglibc_event_descriptor()
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
