public import Green

/// A PostgreSQL database, by a pool of connections.
///
/// ```swift
/// enum Resources { static let database = Result { try Postgres("postgresql://app@localhost/app", connections: 20) } }
///
/// let notes = try db.query("select id, title from notes where owner = \(user.id)", as: Note.self)
/// try db.transaction { connection in
///   try connection.execute("update accounts set balance = balance - \(amount) where id = \(from)")
///   try connection.execute("update accounts set balance = balance + \(amount) where id = \(to)")
/// }
/// ```
///
/// It is libpq, waited for by Green: in a fiber a call parks, on a thread it blocks, and nothing of libc has to be redirected.
/// Connections are opened when they are needed, so making one fails only where the address is wrong. They belong to a process: a
/// forked child opens its own.
public final class Postgres: Sendable {
  /// The connections.
  public let pool: Pool<PostgresConnection>
  let address: ConnectionAddress
  let configuration: PostgresConfiguration

  /// - Parameters:
  ///   - address: `postgresql://user:password@host:5432/name?sslmode=require`, or as libpq's `PQconnectdb` takes it.
  ///     What it does not say comes from the environment: `PGHOST`, `PGUSER`, `PGPASSWORD` …
  ///   - connections: the most connections at once in this process. All workers together should stay below the server's
  ///     `max_connections`: ``connectionLimit(workers:)``.
  ///   - wait: how long a call waits for a connection before it fails with `PoolError.exhausted`.
  ///   - configuration: what is seldom changed.
  /// - Throws: ``PostgresConnectionError/address(_:)``.
  public init(
    _ address: String = "", connections: Int = 10, wait: Duration = .seconds(5),
    configuration: PostgresConfiguration = PostgresConfiguration()
  ) throws {
    let address = try ConnectionAddress(address)
    self.address = address
    self.configuration = configuration
    pool = Pool(
      limit: connections, wait: wait, idleTimeout: configuration.idleTimeout, lifetime: configuration.lifetime
    ) {
      try Postgres.open(address, configuration)
    }
  }

  static func open(_ address: ConnectionAddress, _ configuration: PostgresConfiguration) throws -> PostgresConnection {
    PostgresConnection(
      try LibPQ.connect(address, within: configuration.connectTimeout), statementCache: configuration.statementCache)
  }

  /// Closes the connections, those in use when they are given back.
  public func close() { pool.close() }
}

extension Postgres: PostgresQueries {
  public func run(_ sql: SQL) throws -> PostgresResult { try withConnection { try $0.run(sql) } }
}
