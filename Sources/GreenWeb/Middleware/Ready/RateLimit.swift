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
  private let key: @Sendable (Request) throws -> String

  /// - Parameters:
  ///   - count: how many requests of a key may come at once, and how many in each period from then on.
  ///   - period: how long that is.
  ///   - store: where they are counted. By default it is this process's memory, of the 10,000 keys that have asked last.
  ///   - key: what is counted together: by default the client's address, of IPv6 the network of it (/64). What it throws is the
  ///     answer.
  public init(
    _ count: Int, per period: Duration, in store: any RateLimitStore = LocalRateLimitStore(),
    by key: @escaping @Sendable (Request) throws -> String = { ClientNetwork.name(of: $0.client) }
  ) {
    requirement(count > 0 && period > .zero, "a rate limit needs a count and a period above 0")
    self.count = count
    self.period = period
    self.store = store
    self.key = key
  }

  /// As `init(_:per:in:by:)` for an `async` function that says what is counted together.
  public init(
    _ count: Int, per period: Duration, in store: any RateLimitStore = LocalRateLimitStore(),
    by key: @escaping @Sendable (Request) async throws -> String
  ) { self.init(count, per: period, in: store, by: ensureSync(key)) }

  public func respond(to request: Request, next: Next) throws -> Response {
    if let wait = try store.take(key(request), count: count, per: period) {
      let (seconds, rest) = wait.components
      throw HTTPError(.tooManyRequests, headers: [.retryAfter: "\(max(1, seconds + (rest > 0 ? 1 : 0)))"])
    }
    return try next(request)
  }
}
