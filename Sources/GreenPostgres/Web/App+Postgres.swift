public import GreenWeb

extension App {
  /// Has the master, before there is any worker, bring the tables up to date, as ``Postgres/migrate(from:)`` does, and
  /// compare the connections of all workers with what the server allows: where they are too many, that is logged as a
  /// warning.
  ///
  /// A migration that fails ends the server, with exit status 1.
  ///
  /// - Parameters:
  ///   - database: opened by the function in the master, and closed again.
  ///   - migrations: the folder of migrations; without one, only the connections are looked at.
  public func prepare(
    migrations: String? = nil, _ database: @escaping @Sendable () throws -> Postgres
  ) {
    onMasterStart { [unowned self] in
      let database = try database()
      defer { database.close() }
      if let migrations {
        for name in try database.migrate(from: migrations) { logger.notice("migration \(name) was carried out") }
      }
      let limit = try database.connectionLimit(workers: App.workerCount ?? 1)
      if !limit.isEnough { logger.warning("\(limit)") }
    }
  }
}
