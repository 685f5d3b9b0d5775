internal import FoundationEssentials
internal import Green

/// Values that are costly to make, kept in Redis for some time.
///
/// ```swift
/// let cache = RedisCache(redis, prefix: "pages:")
/// let page = try cache.value("front", for: .seconds(60)) { try renderFrontPage() }
/// ```
///
/// Where many ask in one process for a value that is not there, one makes it and the others wait for it.
public final class RedisCache: Sendable {
  private let redis: Redis
  private let prefix: String
  /// What is being made now.
  private let begun = Guarded<[String: Promise<[UInt8]>]>([:])

  /// - Parameters:
  ///   - redis: where they are.
  ///   - prefix: what all keys begin with.
  public init(_ redis: Redis, prefix: String = "cache:") { (self.redis, self.prefix) = (redis, prefix) }

  /// The value of a key, `nil` where there is none, or where it cannot be read as such a value any more.
  public func get<Value: Decodable>(_ key: String, as type: Value.Type = Value.self) throws -> Value? {
    guard let bytes = try redis.getBytes(prefix + key) else { return nil }
    return Self.decoded(bytes)
  }

  /// Keeps a value for `lifetime`.
  public func set(_ key: String, to value: some Encodable, for lifetime: Duration) throws {
    try redis.set(prefix + key, to: Self.encoded(value), expiringAfter: lifetime)
  }

  /// Forgets a value.
  public func remove(_ key: String) throws { try redis.delete(prefix + key) }

  /// The value of a key; where there is none, what `make` returns, which is kept for `lifetime`.
  ///
  /// Where Redis is not there, the value is made all the same.
  ///
  /// - Throws: what `make` throws; nothing is kept then.
  public func value<Value: Codable>(_ key: String, for lifetime: Duration, _ make: () throws -> Value) throws -> Value {
    if let known: Value = try? get(key) { return known }
    let mine = Promise<[UInt8]>()
    let others = begun.withLock { begun in
      if let others = begun[key] { return Promise<[UInt8]>?.some(others) }
      begun[key] = mine
      return nil
    }
    if let others {
      // Where that failed, everybody tries for himself.
      if let made = try? others.value, let value: Value = Self.decoded(made) { return value }
      try Fiber.checkCancellation()
      return try make()
    }
    defer { begun.withLock { $0[key] = nil } }
    do {
      let value = try make()
      let bytes = try Self.encoded(value)
      _ = try? redis.set(prefix + key, to: bytes, expiringAfter: lifetime)
      mine.fulfil(bytes)
      return value
    } catch {
      mine.fail(error)
      throw error
    }
  }

  private static func encoded(_ value: some Encodable) throws -> [UInt8] { [UInt8](try JSONEncoder().encode(value)) }

  private static func decoded<Value: Decodable>(_ bytes: [UInt8]) -> Value? {
    try? JSONDecoder().decode(Value.self, from: Data(bytes))
  }
}
