import Green

/// Where one fiber waits for another to tell it that something has changed.
///
/// Who tells it reaches it here alone: a fiber that waits elsewhere, for a socket or in the application, is not disturbed. Only
/// on the hub's thread.
final class Wakeup {
  private var waiting: ParkedFiber?

  /// Parks the calling fiber until ``tell()``. It may also come back without, so it looks whether anything has changed.
  ///
  /// - Throws: `CancellationError`, `TimeoutError`.
  func wait() throws {
    guard let fiber = ParkedFiber.current else { return }
    waiting = fiber
    defer { waiting = nil }
    try fiber.park()
  }

  func tell() { waiting?.wake() }
}
