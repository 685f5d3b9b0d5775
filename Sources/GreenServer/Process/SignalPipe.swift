import CProcess
import Glibc
import SystemPackage

/// Signals that a worker catches, as bytes in a pipe. Unlike those of ``SignalDescriptor`` they are not blocked, so
/// that programs that the application starts do not inherit them so.
struct SignalPipe {
  let descriptor: CInt

  /// Catches the signals from now on. Throws `Errno`.
  init(_ signals: [CInt]) throws(Errno) {
    descriptor = green_signals_catch(signals, signals.count)
    if descriptor < 0 { throw Errno(rawValue: errno) }
  }

  /// The next signal that has come; `nil` when there is none.
  func take() -> CInt? {
    var byte: UInt8 = 0
    while true {
      let count = read(descriptor, &byte, 1)
      if count == 1 { return CInt(byte) }
      if count < 0 && errno == EINTR { continue }
      return nil
    }
  }
}
