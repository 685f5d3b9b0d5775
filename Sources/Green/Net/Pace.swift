/// How fast a peer must go on: what stands for a deadline where the time that something takes is the peer's.
///
/// ```swift
/// let pace = Pace(patience: .seconds(30), rate: 500)
/// for piece in pieces { try socket.send(piece, pace: pace) }
/// ```
///
/// Only the time spent waiting for the peer counts. It may last as long as `patience`, and the peer has all of that again
/// whenever it has moved `rate` bytes a second over 10 s of waiting: one that goes on steadily is never cut off, however
/// long the whole takes, and one that moves a byte now and then is.
///
/// A pace is for one direction of one stream. It is not `Sendable`: it belongs to the user of the stream.
public final class Pace {
  /// How long the peer may be slower than the rate, in nanoseconds.
  package let patience: Int64
  /// Over how much waiting the rate is taken, in nanoseconds; and the bytes that make it.
  private let window: Int64
  private let enough: Int

  /// How long has been waited since the peer last kept to the rate, and since the present window began.
  private var slow: Int64 = 0
  private var waited: Int64 = 0
  /// How much has been moved in the present window.
  private var moved = 0

  /// A pace for one direction of one stream.
  ///
  /// - Parameters:
  ///   - patience: how long the peer may be slower than the rate.
  ///   - rate: in bytes a second; 0 for none: then any byte will do.
  public init(patience: Duration, rate: Int) {
    self.patience = max(0, patience.wholeNanoseconds)
    window = min(10_000_000_000, self.patience)
    let bytes = max(0, rate).multipliedReportingOverflow(by: Int(window / 1_000_000))
    enough = max(1, bytes.overflow ? .max : bytes.partialValue / 1000)
  }

  /// Gives the peer its whole time, as for another message.
  public func begin() {
    if slow != 0 || moved != 0 { (slow, waited, moved) = (0, 0, 0) }
  }

  /// How long may still be waited, in nanoseconds; not above zero when the peer has been too slow.
  package var left: Int64 { patience - slow }

  /// How long may be waited until the peer's progress must be looked at.
  var untilNextLook: Int64 { min(left, window - waited) }

  /// Notes that the peer has moved so many bytes while it was waited for so many nanoseconds.
  package func note(waited nanoseconds: Int64, moved bytes: Int) {
    slow += nanoseconds
    waited += nanoseconds
    let (sum, overflow) = moved.addingReportingOverflow(bytes)
    moved = overflow ? .max : sum
    if moved >= enough { return begin() }
    if waited >= window { (waited, moved) = (0, 0) }
  }
}
