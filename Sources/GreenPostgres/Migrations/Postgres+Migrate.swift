internal import Green

extension Postgres {
  /// Brings the tables up to date: carries out the migrations in a folder that have not been, in the order of their numbers.
  ///
  /// ```swift
  /// app.onMasterStart { try Resources.database().migrate(from: "migrations") }
  /// ```
  ///
  /// What has been carried out is noted in the table `greenfinch_migrations`. An advisory lock lets one process at a
  /// time do it, on however many machines; the others wait, and then find nothing to do. A migration that was noted and
  /// has no file is passed over, so that an older version of the program still starts.
  ///
  /// - Returns: the names of those that were carried out.
  /// - Throws: ``PostgresMigrationError``; as ``PostgresQueries``.
  @discardableResult
  public func migrate(from folder: String) throws -> [String] { try migrate(PostgresMigration.all(in: folder)) }

  /// As ``migrate(from:)``, with migrations that are not in files.
  @discardableResult
  public func migrate(_ migrations: [PostgresMigration]) throws -> [String] {
    let migrations = try PostgresMigration.sorted(migrations)
    // The lock is the session's: it ends with the connection, whatever happens.
    let connection = try Postgres.open(address, configuration)
    defer { connection.close() }
    // By asking again and again: who waits inside a statement holds a snapshot, for which `create index concurrently` would wait.
    while try connection.value("select pg_try_advisory_lock(\(MigrationTable.lock))", as: Bool.self) != true {
      try Fiber.sleep(for: .milliseconds(100))
    }
    try connection.runScript(MigrationTable.creation)
    var done: [String] = []
    for migration in migrations where try !connection.hasBeen(migration) {
      try connection.carryOut(migration)
      done.append(migration.name)
    }
    return done
  }
}

private enum MigrationTable {
  /// "greenfin" in ASCII: a number that no other program has for its lock.
  static let lock = 0x6772_6565_6e66_696e

  static let creation = """
    create table if not exists greenfinch_migrations (
      number bigint primary key, name text not null, digest text not null, applied_at timestamptz not null default now())
    """
}

extension PostgresConnection {
  /// Whether a migration has been carried out.
  fileprivate func hasBeen(_ migration: PostgresMigration) throws -> Bool {
    let isSame = try value(
      "select digest = md5(\(migration.text)) from greenfinch_migrations where number = \(migration.number)",
      as: Bool.self)
    if isSame == false { throw PostgresMigrationError.changed(migration.name) }
    return isSame == true
  }

  fileprivate func carryOut(_ migration: PostgresMigration) throws {
    do {
      guard migration.isInTransaction else {
        try runScript(migration.text)
        return try note(migration)
      }
      try transaction { connection in
        try connection.runScript(migration.text)
        try connection.note(migration)
      }
    } catch let error as PostgresError {
      throw PostgresMigrationError.failed(migration.name, line: error.line(of: migration.text), error)
    }
  }

  private func note(_ migration: PostgresMigration) throws {
    try execute(
      """
      insert into greenfinch_migrations (number, name, digest)
      values (\(migration.number), \(migration.name), md5(\(migration.text)))
      """)
  }
}

extension PostgresError {
  fileprivate func line(of text: String) -> Int? {
    position.map { position in text.unicodeScalars.prefix(position - 1).count { $0 == "\n" } + 1 }
  }
}
