/// Where requests are counted: see ``RateLimit``.
public protocol RateLimitStore: Sendable {
  /// Counts a request of a key. May park.
  ///
  /// - Returns: how long the key has to wait, where it has asked too often; `nil` where it has not.
  func take(_ key: String, count: Int, per period: Duration) throws -> Duration?
}
