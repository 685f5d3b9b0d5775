/// Why a file could not be sent to its end: the connection ends then, since the answer has not.
public enum FileBodyError: Error, Equatable, CustomStringConvertible {
  /// It was made shorter while it was sent.
  case shrunk(to: Int, from: Int)
  /// It could not be read: what `pread(2)` said.
  case unreadable(String)

  public var description: String {
    switch self {
    case .shrunk(let now, let before): "a file of \(before) bytes ended at \(now) while it was sent"
    case .unreadable(let reason): "a file could not be read while it was sent: \(reason)"
    }
  }
}
