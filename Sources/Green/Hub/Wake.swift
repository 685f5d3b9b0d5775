internal import SystemPackage

/// Why a parked fiber runs again.
package enum Wake: UInt8 {
  /// What it waited for has happened, or may have: look again.
  case ready
  /// The deadline that the call itself was given passed first.
  case deadline
  /// Another fiber called the wait off: the descriptor was closed.
  case called
  /// The fiber has been cancelled. From now on every wait of it ends so.
  case cancelled
  /// The deadline of an enclosing ``withDeadline(_:_:)`` passed. Until the fiber leaves it, every wait ends so.
  case expired

  /// Whether the fiber as a whole is to stop waiting, not just this one call.
  @inline(__always)
  var isInterruption: Bool { self.rawValue >= Wake.cancelled.rawValue }

  /// Throws what the wake means to the caller of a wait; returns for `.ready`.
  @inline(__always)
  package func check() throws {
    if self != .ready { throw failure }
  }

  private var failure: any Error {
    switch self {
    case .ready, .deadline: Errno.timedOut
    case .called: Errno.badFileDescriptor
    case .cancelled: CancellationError()
    case .expired: TimeoutError(deadline: Fiber.currentDeadline)
    }
  }
}
