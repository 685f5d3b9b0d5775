public import Green

extension Signals {
  /// Waits for the next of the signals, as `next(until:)` for tasks: cancelling the task ends the wait.
  ///
  /// - Throws: `SignalError` where the signals cannot be watched; `CancellationError`; `Errno.badFileDescriptor` when the
  ///   object is closed.
  public nonisolated(nonsending) func next() async throws -> Signal {
    try await Fiber.runExclusively { try self.next(until: .never) }
  }

  /// The signals as they come, for `for try await` loops, which end only by an error of ``next()``.
  public var values: SignalValues { SignalValues(signals: self) }
}
