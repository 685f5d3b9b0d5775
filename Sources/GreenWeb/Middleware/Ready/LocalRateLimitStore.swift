internal import Green

/// Counts in this process's memory, by the generic cell rate algorithm (ITU-T I.371): of each key it knows one time.
public final class LocalRateLimitStore: RateLimitStore {
  /// By key, when all that has been taken will have been made up for, in nanoseconds.
  private let times = Guarded<[String: Int64]>([:])
  private let most: Int

  /// - Parameter most: how many keys are known at once. Where there are more, those that may ask freely are forgotten;
  ///   where there are none, all.
  public init(most: Int = 10_000) { self.most = max(1, most) }

  public func take(_ key: String, count: Int, per period: Duration) -> Duration? {
    let now = Deadline.now.nanoseconds
    let (seconds, rest) = period.components
    let whole = max(1, seconds * 1_000_000_000 + rest / 1_000_000_000)
    let each = max(1, whole / Int64(count))
    let wait = times.withLock { times -> Int64 in
      if times.count >= most && times[key] == nil {
        times = times.filter { $0.value > now }
        if times.count >= most { times.removeAll() }
      }
      let time = max(times[key] ?? now, now)
      // As much may be taken in advance as makes `count` requests at once.
      let wait = time + each - whole - now
      if wait <= 0 { times[key] = time + each }
      return wait
    }
    return wait > 0 ? .nanoseconds(wait) : nil
  }
}
