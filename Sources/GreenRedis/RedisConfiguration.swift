/// What is seldom changed about a ``Redis``.
public struct RedisConfiguration: Sendable {
  /// How long connecting may take. 5 s.
  public var connectTimeout = Duration.seconds(5)
  /// How long an answer may take. 5 s. Afterwards the connection is given up: the answer might still come.
  public var timeout = Duration.seconds(5)
  /// A connection that has not been used for so long is closed. 5 minutes.
  public var idleTimeout = Duration.seconds(300)
  /// A connection that is so old is not used again. An hour.
  public var lifetime = Duration.seconds(3600)

  /// What is usual.
  public init() {}
}
