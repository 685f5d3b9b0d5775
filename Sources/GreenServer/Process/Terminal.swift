import Glibc

/// The terminal that controls this process.
enum Terminal {
  /// Whether there is one: `/dev/tty` can be opened then, tty(4).
  static var isThere: Bool {
    let terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
    if terminal >= 0 { close(terminal) }
    return terminal >= 0
  }
}
