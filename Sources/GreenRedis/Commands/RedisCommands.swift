/// What carries out commands: a ``Redis``, on any of its connections, or one ``RedisConnection``.
///
/// Each call parks or blocks until Redis has answered. Each throws ``RedisError`` where the command fails,
/// ``RedisConnectionError``; `PoolError` where no connection is to be had; `CancellationError` and `TimeoutError` as
/// every wait.
public protocol RedisCommands: Sendable {
  /// Sends commands together, which costs one round trip, and returns their answers in order. One that fails is an answer
  /// ``RedisValue/error(_:)``, and those after it are carried out all the same.
  ///
  /// - Parameters:
  ///   - commands: what to send.
  ///   - patience: how much longer than usual the answers may take, for commands that wait, such as `BLPOP`.
  func run(_ commands: [RedisCommand], patience: Duration) throws -> [RedisValue]
}

extension RedisConnection: RedisCommands {
  public func run(_ commands: [RedisCommand], patience: Duration) throws -> [RedisValue] {
    try exchange(commands, patience: patience)
  }
}

extension Redis: RedisCommands {
  public func run(_ commands: [RedisCommand], patience: Duration) throws -> [RedisValue] {
    try withConnection { try $0.exchange(commands, patience: patience) }
  }
}

extension RedisCommands {
  /// Carries out any command: `try redis.command("ZADD", "scores", 7, "eve")`.
  @discardableResult
  public func command(_ name: String, _ arguments: any RedisArgument...) throws -> RedisValue {
    try run(RedisCommand(name, arguments))
  }

  /// Carries out a command.
  @discardableResult
  public func run(_ command: RedisCommand, patience: Duration = .zero) throws -> RedisValue {
    let answers = try run([command], patience: patience)
    if case .error(let error) = answers[0] { throw error }
    return answers[0]
  }
}
