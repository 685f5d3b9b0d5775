internal import Green

/// A script that Redis carries out as one: `EVAL` of Redis's manual. Its text is sent once, and afterwards only its digest.
///
/// ```swift
/// let take = RedisScript("if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0")
/// let isTaken = try take.run(on: redis, keys: ["lock"], token).integer == 1
/// ```
public final class RedisScript: Sendable {
  private let text: String
  /// What Redis calls it, once it has been told the text.
  private let digest = Guarded<String?>(nil)

  /// A script by its text, in Lua.
  public init(_ text: String) { self.text = text }

  /// Carries it out, with what it finds as `KEYS` and `ARGV`.
  ///
  /// - Throws: ``RedisError``, as ``RedisCommands``.
  @discardableResult
  public func run(on redis: some RedisCommands, keys: [String] = [], _ arguments: any RedisArgument...) throws
    -> RedisValue
  {
    try run(on: redis, keys: keys, arguments: arguments)
  }

  /// As ``run(on:keys:_:)``, with arguments of which the number is not known.
  @discardableResult
  public func run(on redis: some RedisCommands, keys: [String], arguments: [any RedisArgument]) throws -> RedisValue {
    let words = [keys.count] + keys + arguments as [any RedisArgument]
    if let known = digest.withLock({ $0 }) {
      do {
        return try redis.run(RedisCommand("EVALSHA", [known] + words))
      } catch let error as RedisError where error.code == "NOSCRIPT" {
        // The server was started anew.
      }
    }
    let loaded = try redis.command("SCRIPT", "LOAD", text).string ?? ""
    digest.withLock { $0 = loaded }
    return try redis.run(RedisCommand("EVALSHA", [loaded] + words))
  }
}
