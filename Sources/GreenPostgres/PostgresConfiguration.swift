/// What is seldom changed about a ``Postgres``.
public struct PostgresConfiguration: Sendable {
  /// How long connecting may take. 10 s.
  public var connectTimeout = Duration.seconds(10)
  /// A connection that has not been used for so long is closed. 5 minutes.
  public var idleTimeout = Duration.seconds(300)
  /// A connection that is so old is not used again. An hour.
  public var lifetime = Duration.seconds(3600)
  /// How many statements a connection keeps prepared, each from its fifth use on. 100; 0 for a pooler that hands one session to
  /// many, such as PgBouncer in transaction mode.
  public var statementCache = 100

  /// What is usual.
  public init() {}
}
