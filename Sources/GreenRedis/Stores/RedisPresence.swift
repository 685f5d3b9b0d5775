/// Who is in which room, of all workers on all machines.
///
/// ```swift
/// let presence = RedisPresence(redis)
/// try presence.note("Eve", visit: id, in: "lobby")   // and again, well before its lifetime is over
/// let names = try presence.names(in: "lobby")
/// try presence.forget("Eve", visit: id, in: "lobby")
/// ```
///
/// A visit is one connection of somebody, who may have several. One that is not noted again is over after its lifetime,
/// so that nobody stays for ever whose worker was killed.
public struct RedisPresence: Sendable {
  private let redis: Redis
  private let prefix: String
  private let lifetime: Duration

  /// - Parameters:
  ///   - redis: where it is kept.
  ///   - prefix: what all keys begin with.
  ///   - lifetime: how long a visit counts that is not noted again.
  public init(_ redis: Redis, prefix: String = "presence:", lifetime: Duration = .seconds(30)) {
    (self.redis, self.prefix, self.lifetime) = (redis, prefix, lifetime)
  }

  /// Notes that somebody is in a room. Parks or blocks until Redis has answered, as the others do.
  public func note(_ name: String, visit: String, in room: String) throws {
    try Self.noting.run(
      on: redis, keys: [prefix + room], Self.entry(name, visit), max(1, Int(lifetime.components.seconds)))
  }

  /// Notes that a visit is over.
  public func forget(_ name: String, visit: String, in room: String) throws {
    try redis.command("ZREM", prefix + room, Self.entry(name, visit))
  }

  /// The names of those who are in a room, each once, in order.
  public func names(in room: String) throws -> [String] {
    let entries = try Self.listing.run(on: redis, keys: [prefix + room]).array ?? []
    return Set(entries.compactMap { $0.string.map { String($0.drop { $0 != " " }.dropFirst()) } }).sorted()
  }

  /// The visit comes first: it has no blank.
  private static func entry(_ name: String, _ visit: String) -> String {
    "\(visit.replacing(" ", with: "_")) \(name)"
  }

  /// Each visit holds when it ends, in seconds by Redis's own clock.
  private static let noting = RedisScript(
    """
    local ends = tonumber(redis.call('TIME')[1]) + tonumber(ARGV[2])
    redis.call('ZADD', KEYS[1], ends, ARGV[1])
    redis.call('EXPIRE', KEYS[1], ARGV[2] + 1)
    return 0
    """)

  private static let listing = RedisScript(
    """
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. redis.call('TIME')[1])
    return redis.call('ZRANGE', KEYS[1], 0, -1)
    """)
}
