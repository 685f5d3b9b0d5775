internal import GreenWeb

/// Values that are costly to make, kept in Redis for some time: a ``/GreenWeb/Cache`` that all workers on all machines share.
///
/// ```swift
/// let cache = RedisCache(redis, prefix: "pages:")
/// let page = try cache.value("front", for: .seconds(60)) { try renderFrontPage() }
/// ```
///
/// In `async` code it is `try await cache.value(…)`.
///
/// Where many ask in one process for a value that is not there, one makes it and the others wait for it.
public final class RedisCache: Sendable {
  private let cache: Cache

  /// - Parameters:
  ///   - redis: where they are.
  ///   - prefix: what all keys begin with.
  public init(_ redis: Redis, prefix: String = "cache:") { cache = Cache(RedisStore(redis, prefix: prefix)) }

  /// The value of a key, `nil` where there is none, or where it cannot be read as such a value any more.
  public func get<Value: Decodable>(_ key: String, as type: Value.Type = Value.self) throws -> Value? {
    try cache.get(key, as: type)
  }

  /// Keeps a value for `lifetime`.
  public func set(_ key: String, to value: some Encodable, for lifetime: Duration) throws {
    try cache.set(key, to: value, for: lifetime)
  }

  /// Forgets a value.
  public func remove(_ key: String) throws { try cache.remove(key) }

  /// The value of a key; where there is none, what `make` returns, which is kept for `lifetime`.
  ///
  /// Where Redis is not there, the value is made all the same.
  ///
  /// - Throws: what `make` throws; nothing is kept then.
  public func value<Value: Codable>(_ key: String, for lifetime: Duration, _ make: () throws -> Value) throws -> Value {
    try cache.value(key, for: lifetime, make)
  }

  /// As `value(_:for:_:)` for an `async` function.
  public nonisolated(nonsending) func value<Value: Codable>(
    _ key: String, for lifetime: Duration, _ make: () async throws -> Value
  ) async throws -> Value {
    try await cache.value(key, for: lifetime, make)
  }
}
