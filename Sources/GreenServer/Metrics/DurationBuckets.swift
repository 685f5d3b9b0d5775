import CProcess

/// How many times there were of each order of magnitude: the buckets of a histogram of Prometheus's.
struct DurationBuckets: Equatable {
  /// How many there are in each bucket, and last those beyond all bounds.
  var counts: [UInt64]

  /// Up to how many nanoseconds the times of each bucket are, but for the last.
  static let bounds = (0..<CInt(CPROCESS_DURATION_COUNT)).map { cprocess_duration_bound($0) }

  var total: UInt64 { counts.reduce(0, &+) }

  /// The time in nanoseconds that so much of all (0 to 1) does not exceed; `nil` where there are none. Within a bucket times
  /// are taken to be spread evenly, as Prometheus does; beyond the last bound it is that bound.
  func quantile(_ part: Double) -> Double? {
    let total = total
    guard total > 0 else { return nil }
    let wanted = Double(total) * part
    var before = 0.0
    for (index, count) in counts.enumerated() {
      let here = Double(count)
      if before + here >= wanted && count > 0 {
        guard index < Self.bounds.count else { break }
        let lower = index == 0 ? 0 : Double(Self.bounds[index - 1])
        return lower + (Double(Self.bounds[index]) - lower) * (wanted - before) / here
      }
      before += here
    }
    return Self.bounds.last.map { Double($0) }
  }

  /// What has come since an earlier look.
  func since(_ earlier: DurationBuckets) -> DurationBuckets {
    DurationBuckets(counts: zip(counts, earlier.counts).map { $0 >= $1 ? $0 - $1 : 0 })
  }
}
