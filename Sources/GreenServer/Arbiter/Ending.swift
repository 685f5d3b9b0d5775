import Glibc
import Green
import Logging

/// How a process ended.
package enum Ending: Equatable, Sendable, CustomStringConvertible {
  case exited(CInt)
  case killed(signal: CInt)

  /// From the status that `waitpid(2)` gives.
  init(waitStatus status: CInt) {
    let signal = status & 0x7f
    self = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal: signal)
  }

  /// As it follows "the worker".
  package var description: String {
    switch self {
    case .exited(let code): "exited with code \(code)"
    case .killed(let signal): "was killed by \(Signal(rawValue: signal))"
    }
  }

  /// gunicorn's line for a worker that the master did not kill; `nil` where all is in order. A crash is told with what
  /// the worker was doing.
  func logged(_ pid: pid_t, during activity: String) -> WorkerLifecycle.Action? {
    switch self {
    case .exited(0): nil
    case .exited(let code): .log(.error, "Worker (pid:\(pid)) exited with code \(code).")
    case .killed(SIGKILL): .log(.error, "Worker (pid:\(pid)) was sent SIGKILL! Perhaps out of memory?")
    case .killed(let signal):
      .log(
        signal == SIGTERM ? .info : .warning,
        "Worker (pid:\(pid)) was sent \(Signal(rawValue: signal))!"
          + (activity.isEmpty || signal == SIGTERM ? "" : " In \(LogText.escaped(activity))"))
    }
  }
}
