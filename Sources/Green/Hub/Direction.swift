internal import CLibEv
internal import Glibc

/// A direction in which a descriptor can be waited for.
public enum Direction: Sendable {
  /// Until it can be read, or written, without blocking.
  case read, write

  var event: CInt { self == .read ? CInt(EV_READ) : CInt(EV_WRITE) }
  var pollEvent: CShort { self == .read ? CShort(POLLIN) : CShort(POLLOUT) }
}
