internal import Green
internal import GreenTasks

/// Commands that are collected, to be sent together.
public struct RedisPipeline: Sendable {
  var commands: [RedisCommand] = []

  /// Adds a command, which is not carried out yet.
  public mutating func add(_ name: String, _ arguments: any RedisArgument...) {
    commands.append(RedisCommand(name, arguments))
  }
}

extension RedisCommands {
  /// Sends the commands that `body` adds together, which costs one round trip.
  ///
  /// ```swift
  /// let answers = try redis.pipeline { for key in keys { $0.add("GET", key) } }
  /// ```
  ///
  /// - Returns: an answer for each; one that failed is ``RedisValue/error(_:)``.
  @discardableResult
  public func pipeline(_ body: (inout RedisPipeline) throws -> Void) throws -> [RedisValue] {
    var pipeline = RedisPipeline()
    try body(&pipeline)
    return try run(pipeline.commands, patience: .zero)
  }

  /// Carries out the commands that `body` adds as one, between which Redis does nothing else: `MULTI` and `EXEC`.
  ///
  /// - Returns: an answer for each; one that failed is ``RedisValue/error(_:)``, and the others are carried out all the same.
  /// - Throws: ``RedisError`` where Redis has carried out none, since one of them is not a command.
  @discardableResult
  public func transaction(_ body: (inout RedisPipeline) throws -> Void) throws -> [RedisValue] {
    var pipeline = RedisPipeline()
    try body(&pipeline)
    return try execute(pipeline) ?? []
  }

  /// - Returns: `nil` where a key that is watched was changed.
  fileprivate func execute(_ pipeline: RedisPipeline) throws -> [RedisValue]? {
    let answers = try run([RedisCommand("MULTI")] + pipeline.commands + [RedisCommand("EXEC")], patience: .zero)
    for case .error(let error) in answers { throw error }
    return answers.last?.array
  }
}

extension Redis {
  /// As ``RedisCommands/transaction(_:)``, where what is to be done depends on keys: `body` reads them by the
  /// connection, and adds commands, which are carried out only if none of the keys was changed meanwhile. `WATCH`.
  ///
  /// - Parameters:
  ///   - keys: the keys that must not be changed meanwhile.
  ///   - attempts: how often `body` is called, at most, where they were.
  ///   - body: reads the keys and adds commands.
  /// - Returns: the answers; `nil` where the keys were changed each time.
  public func transaction(
    watching keys: [String], attempts: Int = 10, _ body: (RedisConnection, inout RedisPipeline) throws -> Void
  ) throws -> [RedisValue]? {
    try withConnection { connection in
      for _ in 0..<attempts {
        try connection.run(RedisCommand("WATCH", keys))
        var pipeline = RedisPipeline()
        do {
          try body(connection, &pipeline)
        } catch {
          _ = try? connection.command("UNWATCH")
          throw error
        }
        if let answers = try connection.execute(pipeline) { return answers }
      }
      return nil
    }
  }

  /// As `transaction(watching:attempts:_:)` for an `async` closure. An actor that calls it is free while Redis is waited for.
  public nonisolated(nonsending) func transaction(
    watching keys: [String], attempts: Int = 10,
    _ body: (RedisConnection, inout RedisPipeline) async throws -> Void
  ) async throws -> [RedisValue]? {
    try await withConnection { connection in
      for _ in 0..<attempts {
        try Task.checkCancellation()
        _ = try await Fiber.run { try connection.run(RedisCommand("WATCH", keys)) }
        var pipeline = RedisPipeline()
        do {
          try await body(connection, &pipeline)
        } catch {
          _ = try? connection.command("UNWATCH")
          throw error
        }
        let collected = pipeline
        if let answers = try await Fiber.run({ try connection.execute(collected) }) { return answers }
      }
      return nil
    }
  }
}
