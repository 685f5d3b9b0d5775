internal import Green
internal import GreenTasks

/// Values that are costly to make, kept for some time: in the memory of this process, or in a store that all workers
/// share, such as Redis.
///
/// ```swift
/// let cache = Cache(prefix: "pages:")
/// let page = try cache.value("front", for: .seconds(60)) { try renderFrontPage() }
/// ```
///
/// In `async` code it is `try await cache.value(…)`.
///
/// Where many ask in one process for a value that is not there, one makes it and the others wait for it. Values are kept as JSON.
public final class Cache: Sendable {
  private let store: any ExpiringStore
  private let prefix: String
  /// Whether the store never waits.
  private let isInMemory: Bool
  /// What is being made now.
  private let begun = Guarded<[String: Promise<[UInt8]>]>([:])

  /// - Parameters:
  ///   - store: where they are: by default in the memory of this process, up to 10,000 of them.
  ///   - prefix: what all keys begin with.
  public init(_ store: any ExpiringStore = MemoryStore(limit: 10_000), prefix: String = "") {
    (self.store, self.prefix, isInMemory) = (store, prefix, store is MemoryStore)
  }

  /// The value of a key, `nil` where there is none, or where it cannot be read as such a value any more. May park or block, and
  /// throws, as the store does; `HubError` where memory is too short to read it.
  public func get<Value: Decodable>(_ key: String, as type: Value.Type = Value.self) throws -> Value? {
    guard let bytes = try store.read(prefix + key) else { return nil }
    return try Self.decoded(bytes)
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
  /// Where the store is not there, the value is made all the same. Parks or blocks while somebody else makes the value: so an actor
  /// that this one needs must not call it, but await the `async` form.
  ///
  /// - Throws: what `make` throws; nothing is kept then. `HubError` where memory is too short to read or keep the value.
  public func value<Value: Codable>(_ key: String, for lifetime: Duration, _ make: () throws -> Value) throws -> Value {
    if let bytes = try? store.read(prefix + key), let known: Value = try Self.decoded(bytes) { return known }
    let (promise, isMine) = begin(key)
    guard isMine else {
      // Where that failed, everybody tries for himself.
      if let made = try? promise.value, let value: Value = try Self.decoded(made) { return value }
      try Fiber.checkCancellation()
      return try make()
    }
    defer { end(key) }
    do {
      // Another may have made it since it was looked for.
      if let bytes = try? store.read(prefix + key), let known: Value = try Self.decoded(bytes) {
        promise.fulfil(bytes)
        return known
      }
      let value = try make()
      let bytes = try Self.encoded(value)
      _ = try? store.write(bytes, for: prefix + key, lifetime: lifetime)
      promise.fulfil(bytes)
      return value
    } catch {
      promise.fail(error)
      throw error
    }
  }

  /// As `value(_:for:_:)` for an `async` function: `async` code calls this one, by `try await cache.value(…)`. Fibers, threads and
  /// tasks wait for one another's. An actor that calls it is free while it waits.
  public nonisolated(nonsending) func value<Value: Codable>(
    _ key: String, for lifetime: Duration, _ make: () async throws -> Value
  ) async throws -> Value {
    if let bytes = await read(key), let known: Value = try Self.decoded(bytes) { return known }
    let (promise, isMine) = begin(key)
    guard isMine else {
      let made = try? await Fiber.run { try promise.value }
      if let made, let value: Value = try Self.decoded(made) { return value }
      try Task.checkCancellation()
      return try await make()
    }
    defer { end(key) }
    do {
      if let bytes = await read(key), let known: Value = try Self.decoded(bytes) {
        promise.fulfil(bytes)
        return known
      }
      let value = try await make()
      let bytes = try Self.encoded(value)
      await write(bytes, for: key, lifetime: lifetime)
      promise.fulfil(bytes)
      return value
    } catch {
      promise.fail(error)
      throw error
    }
  }

  private nonisolated(nonsending) func read(_ key: String) async -> [UInt8]? {
    let (store, name) = (store, prefix + key)
    if isInMemory { return try? store.read(name) }
    return try? await Fiber.run { try store.read(name) }
  }

  private nonisolated(nonsending) func write(_ bytes: [UInt8], for key: String, lifetime: Duration) async {
    let (store, name) = (store, prefix + key)
    if isInMemory {
      _ = try? store.write(bytes, for: name, lifetime: lifetime)
    } else {
      _ = try? await Fiber.run { try store.write(bytes, for: name, lifetime: lifetime) }
    }
  }

  /// The bytes of a value that is being made: for the caller to make where nobody does yet.
  private func begin(_ key: String) -> (promise: Promise<[UInt8]>, isMine: Bool) {
    begun.withLock { begun in
      if let others = begun[key] { return (others, false) }
      let mine = Promise<[UInt8]>()
      begun[key] = mine
      return (mine, true)
    }
  }

  private func end(_ key: String) { begun.withLock { $0[key] = nil } }

  private static func encoded(_ value: some Encodable) throws -> [UInt8] { try StoredJSON.encoded(value) }

  private static func decoded<Value: Decodable>(_ bytes: [UInt8]) throws -> Value? {
    try StoredJSON.decodedIfPossible(Value.self, from: bytes)
  }
}
