extension Postgres {
  /// Compares the connections that all workers may open with what the server allows. Opens one for that, and closes it.
  public func connectionLimit(workers: Int) throws -> PostgresConnectionLimit {
    let connection = try Postgres.open(address, configuration)
    defer { connection.close() }
    let available = try connection.value(
      """
      select least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
        (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user),
        (select nullif(datconnlimit, -1) from pg_database where datname = current_database()))
      """, as: Int.self)
    return PostgresConnectionLimit(perWorker: pool.statistics.limit, workers: workers, available: available ?? 0)
  }
}
