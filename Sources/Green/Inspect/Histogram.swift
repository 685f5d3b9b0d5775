/// How often times of each order of magnitude came: a bucket for each power of two of nanoseconds.
public struct Histogram: Sendable, Equatable {
  /// Bucket 0 counts times below 1 ns, bucket *i* those from 2^(i-1) up to below 2^i ns.
  public internal(set) var buckets = [UInt64](repeating: 0, count: 64)

  /// A histogram that has counted nothing.
  public init() {}

  /// How many times were counted.
  public var count: UInt64 { buckets.reduce(0, &+) }

  /// The time that the given part (0 to 1) of all does not exceed, rounded up to a power of two; zero when there is none.
  public func quantile(_ part: Double) -> Duration {
    let total = count
    guard total > 0 else { return .zero }
    let wanted = max(1, UInt64((Double(total) * min(max(part, 0), 1)).rounded(.up)))
    var sum: UInt64 = 0
    for (index, bucket) in buckets.enumerated() {
      sum &+= bucket
      if sum >= wanted { return .nanoseconds(Self.bound(index)) }
    }
    return .nanoseconds(Self.bound(buckets.count - 1))
  }

  mutating func add(nanoseconds: UInt64) {
    buckets[min(UInt64.bitWidth - nanoseconds.leadingZeroBitCount, buckets.count - 1)] &+= 1
  }

  private static func bound(_ bucket: Int) -> Int64 { bucket >= 63 ? .max : 1 << bucket }
}

extension Histogram: CustomStringConvertible {
  /// `below 1 µs: 12, below 2 µs: 3`
  public var description: String {
    let parts = buckets.enumerated().filter { $1 > 0 }.map { index, count in
      "below \(Duration.nanoseconds(Self.bound(index)).inShort): \(count)"
    }
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
  }
}

extension Duration {
  /// With the unit that suits it: `512 ns`, `33 µs`, `4 ms`, `2 s`.
  var inShort: String {
    let nanoseconds = wholeNanoseconds
    switch nanoseconds {
    case ..<10_000: return "\(nanoseconds) ns"
    case ..<10_000_000: return "\(nanoseconds / 1000) µs"
    case ..<10_000_000_000: return "\(nanoseconds / 1_000_000) ms"
    default: return "\(nanoseconds / 1_000_000_000) s"
    }
  }
}
