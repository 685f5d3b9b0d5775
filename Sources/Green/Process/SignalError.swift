internal import CGlibc
internal import CSignals
internal import Glibc
public import SystemPackage

/// Why signals cannot be watched.
public enum SignalError: Error, Equatable, CustomStringConvertible {
  /// The signal cannot be caught, or code that was interrupted by it cannot go on: see ``Signal/canBeWatched``.
  case cannotBeWatched(Signal)
  /// The system refused: `EMFILE` when the process has no descriptor left.
  case failed(Errno)

  public var description: String {
    switch self {
    case .cannotBeWatched(let signal): "\(signal) cannot be watched: no process can catch it and go on"
    case .failed(let error): "signals cannot be watched: \(error)"
    }
  }
}
