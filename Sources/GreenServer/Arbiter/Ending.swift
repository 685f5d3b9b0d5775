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
  /// the worker was doing, where that is known; an end by SIGKILL with whether it was the kernel for want of memory.
  func logged(_ pid: pid_t, during activity: String, forMemory: Bool?) -> WorkerLifecycle.Action? {
    let deed = activity.isEmpty ? "" : " In \(LogText.escaped(activity))"
    return switch self {
    case .exited(0): nil
    case .exited(let code): .log(.error, "Worker (pid:\(pid)) exited with code \(code).\(deed)")
    case .killed(SIGKILL):
      .log(.error, "Worker (pid:\(pid)) was sent SIGKILL! \(Self.reason(forMemory: forMemory))\(deed)")
    case .killed(SIGTERM): .log(.info, "Worker (pid:\(pid)) was sent \(Signal(rawValue: SIGTERM))!")
    case .killed(let signal): .log(.warning, "Worker (pid:\(pid)) was sent \(Signal(rawValue: signal))!\(deed)")
    }
  }

  private static func reason(forMemory: Bool?) -> String {
    switch forMemory {
    case true?: "Out of memory: the kernel has killed a process of its control group."
    case false?: "Not by the kernel for want of memory, which has killed none of its control group."
    case nil: "Perhaps out of memory?"
    }
  }
}
