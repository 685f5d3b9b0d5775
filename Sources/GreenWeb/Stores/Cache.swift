internal import Green

/// Values that are costly to make, kept for some time: in the memory of this process, or in a store that all workers
/// share, such as Redis.
///
/// ```swift
/// let cache = Cache(prefix: "pages:")
/// let page = try cache.value("front", for: .seconds(60)) { try renderFrontPage() }
/// ```
///
/// Where many ask in one process for a value that is not there, one makes it and the others wait for it. Values are kept as JSON.
public final class Cache: Sendable {
  private let store: any ExpiringStore
  private let prefix: String
  /// What is being made now.
  private let begun = Guarded<[String: Promise<[UInt8]>]>([:])

  /// - Parameters:
  ///   - store: where they are: by default in the memory of this process, up to 10,000 of them.
  ///   - prefix: what all keys begin with.
  public init(_ store: any ExpiringStore = MemoryStore(limit: 10_000), prefix: String = "") {
    (self.store, self.prefix) = (store, prefix)
  }

  /// The value of a key, `nil` where there is none, or where it cannot be read as such a value any more. May park or block, and
  /// throws, as the store does.
  public func get<Value: Decodable>(_ key: String, as type: Value.Type = Value.self) throws -> Value? {
    guard let bytes = try store.read(prefix + key) else { return nil }
    return Self.decoded(bytes)
  }

  /// Keeps a value for `lifetime`.
  ///
  /// - Throws: `EncodingError`, also for one that is nested more than 511 deep; as the store does.
  public func set(_ key: String, to value: some Encodable, for lifetime: Duration) throws {
    try store.write(Self.encoded(value), for: prefix + key, lifetime: lifetime)
  }

  /// Forgets a value.
  public func remove(_ key: String) throws { try store.remove(prefix + key) }

  /// The value of a key; where there is none, what `make` returns, which is kept for `lifetime`.
  ///
  /// Where the store is not there, the value is made all the same.
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
      _ = try? store.write(bytes, for: prefix + key, lifetime: lifetime)
      mine.fulfil(bytes)
      return value
    } catch {
      mine.fail(error)
      throw error
    }
  }

  private static func encoded(_ value: some Encodable) throws -> [UInt8] { try StoredJSON.encoded(value) }

  private static func decoded<Value: Decodable>(_ bytes: [UInt8]) -> Value? {
    try? StoredJSON.decoded(Value.self, from: bytes)
  }
}
