public import GreenWeb

/// Rate limits that all workers on all machines share: the generic cell rate algorithm (ITU-T I.371), which keeps one
/// number a key, lets `count` through at once, and then one each `period / count`.
public struct RedisRateLimits: RateLimitStore {
  private let redis: Redis
  private let prefix: String

  /// - Parameters:
  ///   - redis: where they are.
  ///   - prefix: what all keys begin with.
  public init(_ redis: Redis, prefix: String = "limit:") { (self.redis, self.prefix) = (redis, prefix) }

  /// Counts one more of a key. Parks or blocks until Redis has answered.
  ///
  /// - Returns: how long the key has to wait, where there have been too many; `nil` where there have not.
  public func take(_ key: String, count: Int, per period: Duration) throws -> Duration? {
    let count = max(1, count)
    let interval = max(1, period.wholeMicroseconds / count)
    let wait = try Self.script.run(on: redis, keys: [prefix + key], interval, count).integer ?? 0
    return wait > 0 ? .microseconds(wait) : nil
  }

  /// The key holds when the next one would be due if they came evenly, in microseconds by Redis's own clock.
  private static let script = RedisScript(
    """
    local interval, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local due = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
    local ahead = due + interval - now - interval * limit
    if ahead > 0 then return ahead end
    redis.call('SET', KEYS[1], string.format('%.0f', due + interval), 'PX', math.ceil((due + interval - now) / 1000))
    return 0
    """)
}

extension Duration {
  fileprivate var wholeMicroseconds: Int {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    return overflow ? .max : Int(whole + attoseconds / 1_000_000_000_000)
  }
}
