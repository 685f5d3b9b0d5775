internal import CSpawn

/// How a process ended: `wait(2)`.
public enum ExitStatus: Hashable, Sendable, CustomStringConvertible {
  /// It returned from `main` or called `exit` with this code, 0 to 255.
  case exited(Int32)
  /// A signal ended it.
  case signaled(Signal, coreDumped: Bool)

  /// Whether the process exited with code 0.
  public var isSuccess: Bool { self == .exited(0) }

  public var description: String {
    switch self {
    case .exited(let code): "exited with \(code)"
    case .signaled(let signal, let coreDumped): "ended by \(signal)" + (coreDumped ? " (core dumped)" : "")
    }
  }

  /// The status of a child of this process, which thereby is gone; `nil` while it runs.
  static func reap(_ pid: Int32) throws(ChildProcessError) -> ExitStatus? {
    var status = cspawn_status()
    switch cspawn_reap(pid, &status) {
    case 0: return nil
    case 1 where status.is_signal == 0: return .exited(status.value)
    case 1: return .signaled(Signal(rawValue: status.value), coreDumped: status.dumped_core != 0)
    default: throw .statusLost(pid)
    }
  }
}
