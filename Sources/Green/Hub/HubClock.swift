internal import SystemPackage

/// The hub's time as a Swift `Clock`: `CLOCK_MONOTONIC`, or the virtual time of a hub for tests.
///
/// Its instants are ``Deadline``s, so that what one measures and what one waits for are the same thing:
///
/// ```swift
/// let time = HubClock().measure { try? answer(request) }
/// ```
public struct HubClock: Clock {
  /// A moment of the clock.
  public typealias Instant = Deadline
  /// A span of time.
  public typealias Duration = Swift.Duration

  /// The clock of the calling fiber's hub.
  public init() {}

  /// This moment, ``Deadline/now``.
  public var now: Deadline { .now }

  /// The least difference between two moments: a nanosecond.
  public var minimumResolution: Duration { .nanoseconds(1) }

  /// Waits until the deadline has passed. Code that runs in a fiber parks it; elsewhere the task is suspended, by the
  /// standard library's `SuspendingClock`.
  ///
  /// - Throws: `CancellationError` when the task, or the fiber that runs it, is cancelled.
  public func sleep(until deadline: Deadline, tolerance: Duration? = nil) async throws {
    guard Hub.running != nil else {
      // A century: the clock's own arithmetic has to hold it.
      let rest = min(deadline.remaining ?? .seconds(3_155_760_000), .seconds(3_155_760_000))
      return try await Task.sleep(for: rest, tolerance: tolerance, clock: .suspending)
    }
    let cancelled = Event()
    try await withTaskCancellationHandler {
      do {
        try cancelled.wait(until: deadline)
        throw CancellationError()
      } catch Errno.timedOut {}
    } onCancel: {
      cancelled.set()
    }
  }
}

extension Clock where Self == HubClock {
  /// The hub's time.
  public static var hub: HubClock { HubClock() }
}

extension Deadline: InstantProtocol {
  /// How long it is from this moment to `other`; clamped where one of them is ``never``.
  public func duration(to other: Deadline) -> Duration {
    let (difference, overflow) = other.nanoseconds.subtractingReportingOverflow(nanoseconds)
    return .nanoseconds(overflow ? (other < self ? .min : .max) : difference)
  }
}
