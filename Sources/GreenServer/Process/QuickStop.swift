import CSignals
import Glibc

/// INT and QUIT where a worker's only thread runs code that does not return to where it takes its signals.
enum QuickStop {
  private static let signals: UInt64 = 1 << UInt64(SIGINT - 1) | 1 << UInt64(SIGQUIT - 1)

  /// Has them end the process at once, with status 0, until ``end()``.
  static func begin() { csignals_end_at_once(signals) }

  /// They are given out again, as the others are.
  static func end() { csignals_end_at_once(0) }
}
