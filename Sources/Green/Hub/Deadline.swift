internal import CFiber
internal import Glibc

/// A point in time by which a wait must have ended.
///
/// Deadlines are absolute, so that a loop of several waits shares one without arithmetic:
///
/// ```swift
/// let deadline = Deadline.after(.seconds(5))
/// while try socket.receive(into: buffer, until: deadline) > 0 { … }
/// ```
///
/// The clock is `CLOCK_MONOTONIC`; setting the wall clock does not move a deadline.
public struct Deadline: Comparable, Hashable, Sendable {
  /// Nanoseconds of `CLOCK_MONOTONIC`; `Int64.max` for ``never``.
  public let nanoseconds: Int64

  /// The deadline at `nanoseconds` of `CLOCK_MONOTONIC`.
  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// No deadline: wait as long as it takes.
  @inlinable
  public static var never: Deadline { Deadline(nanoseconds: .max) }

  /// This moment. Costs one read of the clock, about 25 ns. On a hub with virtual time, the hub's moment.
  public static var now: Deadline { virtualNow ?? realNow }

  /// This moment or up to 4 ms before it, by the coarse clock, which costs a quarter of the exact one.
  package static var coarseNow: Deadline { virtualNow ?? read(CLOCK_MONOTONIC_COARSE) }

  /// This moment by the system's clock, whatever the hub.
  static var realNow: Deadline { read(CLOCK_MONOTONIC) }

  @inline(__always)
  private static var virtualNow: Deadline? {
    guard let fiber = cfiber_current() else { return nil }
    let virtual = fiber.record.pointee.hub.pointee.virtualNow
    return virtual == 0 ? nil : Deadline(nanoseconds: virtual)
  }

  @inline(__always)
  private static func read(_ clock: clockid_t) -> Deadline {
    var time = timespec()
    clock_gettime(clock, &time)
    return Deadline(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// The deadline that lies `duration` after this moment; ``never`` when that cannot be expressed.
  public static func after(_ duration: Duration) -> Deadline { now.advanced(by: duration) }

  /// The deadline that lies `duration` after this one; ``never`` when that cannot be expressed.
  public func advanced(by duration: Duration) -> Deadline {
    guard nanoseconds != .max else { return .never }
    let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
    return overflow ? (duration < .zero ? Deadline(nanoseconds: .min) : .never) : Deadline(nanoseconds: sum)
  }

  /// Whether the deadline lies in the past.
  public var hasPassed: Bool { self != .never && Deadline.now >= self }

  /// How long until the deadline, negative when it has passed; `nil` for ``never``.
  public var remaining: Duration? {
    self == .never ? nil : .nanoseconds(nanoseconds.subtractingSaturating(Deadline.now.nanoseconds))
  }

  public static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Duration {
  /// The duration in nanoseconds, rounded up and clamped to what an `Int64` holds (292 years).
  package var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let part = attoseconds > 0 ? (attoseconds + 999_999_999) / 1_000_000_000 : attoseconds / 1_000_000_000
    let (sum, overflowed) = whole.addingReportingOverflow(part)
    return overflowed ? (seconds < 0 ? .min : .max) : sum
  }
}

extension Int64 {
  fileprivate func subtractingSaturating(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (self < 0 ? .min : .max) : difference
  }
}
