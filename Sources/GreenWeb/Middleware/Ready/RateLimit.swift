internal import Green
public import GreenHTTP
internal import HTTPTypes

/// Answers clients that ask too often with `429 (Too Many Requests)` and `Retry-After`.
///
/// ```swift
/// app.post("/login") { … }.use(RateLimit(5, per: .seconds(60)))
/// ```
///
/// Each worker process counts for itself, unless the store is one that they share.
public struct RateLimit: Middleware {
  private let count: Int
  private let period: Duration
  private let store: any RateLimitStore
  private let key: @Sendable (Request) -> String

  /// - Parameters:
  ///   - count: how many requests of a key may come at once, and how many in each period from then on.
  ///   - period: how long that is.
  ///   - store: where they are counted. By default it is this process's memory, of the 10,000 keys that have asked last.
  ///   - key: what is counted together: by default the client's address, of IPv6 the network of it (/64).
  public init(
    _ count: Int, per period: Duration, in store: any RateLimitStore = LocalRateLimitStore(),
    by key: @escaping @Sendable (Request) -> String = { ClientNetwork.name(of: $0.client) }
  ) {
    precondition(count > 0 && period > .zero, "a rate limit needs a count and a period above 0")
    self.count = count
    self.period = period
    self.store = store
    self.key = key
  }

  public func respond(to request: Request, next: Next) throws -> Response {
    if let wait = try store.take(key(request), count: count, per: period) {
      let (seconds, rest) = wait.components
      throw HTTPError(.tooManyRequests, headers: [.retryAfter: "\(max(1, seconds + (rest > 0 ? 1 : 0)))"])
    }
    return try next(request)
  }
}

/// Where requests are counted: see ``RateLimit``.
public protocol RateLimitStore: Sendable {
  /// Counts a request of a key. May park.
  ///
  /// - Returns: how long the key has to wait, where it has asked too often; `nil` where it has not.
  func take(_ key: String, count: Int, per period: Duration) throws -> Duration?
}

/// Counts in this process's memory, by the generic cell rate algorithm (ITU-T I.371): of each key it knows one time.
public final class LocalRateLimitStore: RateLimitStore {
  /// By key, when all that has been taken will have been made up for, in nanoseconds.
  private let times = Guarded<[String: Int64]>([:])
  private let most: Int

  /// - Parameter most: how many keys are known at once. Where there are more, those that may ask freely are forgotten; where there
  ///   are none, all.
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
