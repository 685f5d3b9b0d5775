// The commands that most programs need. All others go by `command(_:_:)`.

extension RedisCommands {
  /// The text of a key, `nil` where there is none. `GET`.
  public func get(_ key: String) throws -> String? { try command("GET", key).string }

  /// The bytes of a key, `nil` where there are none. `GET`.
  public func getBytes(_ key: String) throws -> [UInt8]? { try command("GET", key).bytes }

  /// Sets a key. `SET`.
  ///
  /// - Parameters:
  ///   - key: the key.
  ///   - value: what it is to hold.
  ///   - expiry: when it goes away again, to the millisecond; never without one.
  ///   - onlyIfAbsent: whether one that is there stays.
  /// - Returns: whether it was set.
  @discardableResult
  public func set(
    _ key: String, to value: some RedisArgument, expiringAfter expiry: Duration? = nil, onlyIfAbsent: Bool = false
  ) throws -> Bool {
    var words: [any RedisArgument] = [key, value]
    if let expiry { words += ["PX", expiry.wholeMilliseconds] as [any RedisArgument] }
    if onlyIfAbsent { words.append("NX") }
    return try !run(RedisCommand("SET", words)).isNull
  }

  /// Sets a key that is there, and leaves one that is not. `SET … XX`.
  ///
  /// - Returns: whether it was there.
  @discardableResult
  public func replace(_ key: String, with value: some RedisArgument, expiringAfter expiry: Duration? = nil) throws
    -> Bool
  {
    var words: [any RedisArgument] = [key, value]
    if let expiry { words += ["PX", expiry.wholeMilliseconds] as [any RedisArgument] }
    return try !run(RedisCommand("SET", words + ["XX"])).isNull
  }

  /// Removes keys, and says how many there were. `DEL`.
  @discardableResult
  public func delete(_ keys: String...) throws -> Int {
    keys.isEmpty ? 0 : try run(RedisCommand("DEL", keys)).integer ?? 0
  }

  /// Whether a key is there. `EXISTS`.
  public func exists(_ key: String) throws -> Bool { try command("EXISTS", key).integer == 1 }

  /// Says when a key goes away; `false` where there is none. `PEXPIRE`.
  @discardableResult
  public func expire(_ key: String, after expiry: Duration) throws -> Bool {
    try command("PEXPIRE", key, expiry.wholeMilliseconds).integer == 1
  }

  /// How long a key will be there, `nil` where there is none, or for ever. `PTTL`.
  public func timeToLive(_ key: String) throws -> Duration? {
    let milliseconds = try command("PTTL", key).integer ?? -1
    return milliseconds < 0 ? nil : .milliseconds(milliseconds)
  }

  /// Adds to a number, from 0 where there is none, and returns the sum. `INCRBY`.
  @discardableResult
  public func increment(_ key: String, by amount: Int = 1) throws -> Int {
    try command("INCRBY", key, amount).integer ?? 0
  }

  /// The fields of a hash, empty where there is none. `HGETALL`.
  public func hash(_ key: String) throws -> [String: String] {
    Dictionary(try command("HGETALL", key).pairs?.map { ($0, $1.string ?? "") } ?? []) { $1 }
  }

  /// Sets fields of a hash. `HSET`.
  public func setHash(_ key: String, _ fields: [String: any RedisArgument]) throws {
    if fields.isEmpty { return }
    try run(RedisCommand("HSET", [key] + fields.flatMap { [$0, $1] as [any RedisArgument] }))
  }

  /// Tells all who have subscribed to a channel, and returns how many they are. `PUBLISH`.
  @discardableResult
  public func publish(_ channel: String, _ message: some RedisArgument) throws -> Int {
    try command("PUBLISH", channel, message).integer ?? 0
  }
}

extension Duration {
  /// Milliseconds, rounded up, at least 1.
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    let part = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    return overflow ? .max : max(1, Int(whole.addingReportingOverflow(part).partialValue))
  }
}
