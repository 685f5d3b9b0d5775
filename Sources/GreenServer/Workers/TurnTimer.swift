import CProcess
import Glibc
import Green
import SystemPackage

/// Lets a fiber wait for ``AcceptTurn/delay``, which libev's own timers would make a millisecond.
final class TurnTimer {
  private let descriptor: CInt

  init() throws(Errno) {
    descriptor = green_timer_open()
    if descriptor < 0 { throw Errno(rawValue: errno) }
  }

  deinit { close(descriptor) }

  func wait() throws {
    guard green_timer_set(descriptor, AcceptTurn.delay) == 0 else { return }
    try Readiness.wait(for: descriptor, .read)
    green_timer_clear(descriptor)
  }
}

extension Listener {
  /// Whether a connection waits. Does not wait itself.
  var hasWaiting: Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 0) > 0
  }
}
