internal import Green

/// A receiver of a ``AppSignal``.
public final class AppSignalConnection: Sendable {
  private let state = Guarded(false)

  init() {}

  var isEnded: Bool { state.withLock { $0 } }

  /// Ends it: the receiver is not called any more, but may be inside a call that has begun.
  public func disconnect() { state.withLock { $0 = true } }
}
