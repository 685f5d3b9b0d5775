public import GreenWeb

/// Keys of a Redis server as a store for sessions and the like, which all workers on all machines share.
public struct RedisStore: ExpiringStore {
  private let redis: Redis
  private let prefix: String

  /// - Parameters:
  ///   - redis: where they are.
  ///   - prefix: what all keys begin with.
  public init(_ redis: Redis, prefix: String) { (self.redis, self.prefix) = (redis, prefix) }

  public func read(_ key: String) throws -> [UInt8]? { try redis.getBytes(prefix + key) }

  public func write(_ bytes: [UInt8], for key: String, lifetime: Duration) throws {
    try redis.set(prefix + key, to: bytes, expiringAfter: lifetime)
  }

  public func replace(_ bytes: [UInt8], for key: String, lifetime: Duration) throws -> Bool {
    try redis.replace(prefix + key, with: bytes, expiringAfter: lifetime)
  }

  public func touch(_ key: String, lifetime: Duration) throws { try redis.expire(prefix + key, after: lifetime) }

  public func remove(_ key: String) throws { try redis.delete(prefix + key) }
}
