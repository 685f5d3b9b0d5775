import CProcess
import Glibc
import SystemPackage

/// Signals that a worker catches, as bytes in a pipe. Unlike Green's `Signals` they can end the process at once where its
/// only thread is in a handler, and children of which no handler of `fork` hears are none of the worker's either.
struct SignalPipe {
  let descriptor: CInt

  /// Catches the signals from now on. Throws `Errno`.
  init(_ signals: [CInt]) throws(Errno) {
    descriptor = cprocess_signals_catch(signals, signals.count)
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
