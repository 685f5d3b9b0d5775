import DataServers
import Green
import GreenPostgres
import TestSupport

/// Calls `body` on a hub with a database of the shared server, in a schema of its own that is gone afterwards.
func withDatabase(connections: Int = 5, wait: Duration = .seconds(120), _ body: @escaping (Postgres) throws -> Void)
  throws
{
  let server = try PostgresServer.shared.get()
  let schema = "test_\(UInt64.random(in: .min ... .max))"
  let db = try Postgres(server.address + "&options=-csearch_path%3D\(schema)", connections: connections, wait: wait)
  try onHub {
    try db.execute("create schema \(identifier: schema)")
    defer {
      _ = try? db.execute("drop schema \(identifier: schema) cascade")
      db.close()
    }
    try body(db)
  }
}

/// How many sessions of the database wait in, or carry out, a statement that contains `text`: those of all tests.
func active(_ text: String, _ db: Postgres) throws -> Int {
  try db.value(
    "select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like \("%\(text)%")",
    as: Int.self) ?? 0
}
