internal import CFiber

/// Which of the ready fibers run first.
public enum FiberPriority: UInt8, Sendable {
  /// Runs in the order in which it became ready.
  case normal
  /// Runs when no normal fiber is ready, and one at a time each turn of the loop where some always are.
  case background
}
