import Connections
import GRDB
import Glibc
import Greenfinch

// GRDB's blocking calls: a serial queue of Dispatch's is held while a statement runs, and SQLite waits inside where another
// process has the database locked.
//
// DATABASE=/tmp/visits.sqlite swift run grdb -w 2 -k green

let path = setting("DATABASE", default: "/tmp/visits.sqlite")
let app = App()

/// A worker's own: SQLite's connections must not be carried through fork.
enum Databases {
  static let queue = Result { try prepared(DatabaseQueue(path: path, configuration: configuration)) }
  static let pool = Result { try prepared(DatabasePool(path: path + "-pool", configuration: configuration)) }

  private static var configuration: GRDB.Configuration {
    var configuration = GRDB.Configuration()
    configuration.busyMode = .timeout(30)
    return configuration
  }

  private static func prepared<Writer: DatabaseWriter>(_ database: Writer) throws -> Writer {
    try database.write { try $0.execute(sql: "CREATE TABLE IF NOT EXISTS visit (id INTEGER PRIMARY KEY, name TEXT)") }
    return database
  }
}

func visit(_ database: Database) throws {
  try database.execute(sql: "INSERT INTO visit (name) VALUES ('somebody')")
  // Other fibers, and the other worker, come meanwhile.
  usleep(1000)
}

func visits(_ database: Database) throws -> String {
  "\(try Int.fetchOne(database, sql: "SELECT count(*) FROM visit") ?? 0)"
}

app.get("/queue/visit") { _ in
  try Databases.queue.get().write(visit)
  return "done"
}
app.get("/queue") { _ in try Databases.queue.get().read(visits) }

// A pool has one writer and several readers, which see the database as it was when they began.
app.get("/pool/visit") { _ in
  let pool = try Databases.pool.get()
  try pool.write(visit)
  _ = try pool.read { database in
    usleep(1000)
    return try visits(database)
  }
  return "done"
}
app.get("/pool") { _ in try Databases.pool.get().read(visits) }

app.run()
