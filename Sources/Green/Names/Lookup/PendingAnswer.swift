/// A result that is on its way to one fiber, or to one blocked thread.
final class PendingAnswer<Value>: WaitSubject {
  private(set) var value: Value?
  private var fiber: FiberPointer?
  /// The name that was asked for.
  let waitSubject: String

  init(_ name: String) { waitSubject = name }

  /// Called once, on the thread that waits.
  func resolve(_ value: Value) {
    self.value = value
    if let fiber { fiber.record.pointee.hub.ready(fiber) }
  }

  /// Parks the fiber until the result is there.
  ///
  /// - Returns: `nil` at the deadline.
  func wait(_ fiber: FiberPointer, on hub: HubPointer, until deadline: Deadline) throws -> Value? {
    self.fiber = fiber
    defer { self.fiber = nil }
    while value == nil {
      let wake = hub.parkOutside(fiber, until: deadline, for: WaitReason(.name, on: self))
      if value != nil || wake == .deadline { break }
      try wake.check()
    }
    return value
  }
}
