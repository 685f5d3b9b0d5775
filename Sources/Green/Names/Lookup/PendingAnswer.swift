/// A result that is on its way to one fiber, or to one blocked thread.
final class PendingAnswer<Value> {
  private(set) var value: Value?
  private var fiber: FiberPointer?

  /// Called once, on the thread that waits.
  func resolve(_ value: Value) {
    self.value = value
    if let fiber { fiber.record.pointee.hub.takeUnretainedValue().ready(fiber) }
  }

  /// Parks the fiber until the result is there.
  ///
  /// - Returns: `nil` at the deadline.
  func wait(_ fiber: FiberPointer, on hub: Hub, until deadline: Deadline) throws -> Value? {
    self.fiber = fiber
    defer { self.fiber = nil }
    while value == nil {
      if hub.park(fiber, until: deadline) == .deadline { break }
    }
    return value
  }
}
