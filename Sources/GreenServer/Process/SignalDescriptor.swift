import CProcess
import Glibc
import SystemPackage

/// Signals as something to poll for. They stay blocked for the calling thread, and for those it starts later.
struct SignalDescriptor {
  let descriptor: CInt

  /// Blocks the signals and takes them from now on. Throws ``SystemCallError``.
  init(_ signals: [CInt]) throws(SystemCallError) {
    descriptor = green_signals_open(signals, signals.count)
    if descriptor < 0 {
      let failure = Errno(rawValue: errno)
      throw SystemCallError("signalfd", failure)
    }
  }

  /// The signals that have come, each once; empty when there are none.
  func take() -> [CInt] {
    var signals: [CInt] = []
    while case let signal = green_signals_take(descriptor), signal != 0 { signals.append(signal) }
    return signals
  }

  /// A signal's name without `SIG`.
  static func name(of signal: CInt) -> String { String(cString: green_signal_name(signal)) }
}
