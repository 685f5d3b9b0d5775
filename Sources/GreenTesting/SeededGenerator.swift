/// A small generator of random numbers whose runs can be repeated: SplitMix64 (Steele, Lea and Flood, 2014). Not for
/// secrets.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A generator that begins at `seed`.
  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// `true` in `probability` of all calls.
  public mutating func chance(_ probability: Double) -> Bool {
    probability > 0 && Double.random(in: 0..<1, using: &self) < probability
  }

  /// A duration of the range, to the nanosecond.
  public mutating func duration(in range: ClosedRange<Duration>) -> Duration {
    guard range.lowerBound < range.upperBound else { return range.lowerBound }
    let (low, high) = (range.lowerBound.nanoseconds, range.upperBound.nanoseconds)
    return .nanoseconds(Int64.random(in: low...high, using: &self))
  }
}

extension Duration {
  /// Cut to what an `Int64` holds, 292 years.
  fileprivate var nanoseconds: Int64 {
    let limit = Int64.max / 1_000_000_000 - 1
    let seconds = min(max(components.seconds, -limit), limit)
    return seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
  }
}
