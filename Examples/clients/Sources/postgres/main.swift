import CLibpq
import Connections
import Greenfinch

// libpq, with calls that block until the database has answered.
//
// DATABASE_URL=postgresql://postgres@127.0.0.1:5432/postgres swift run postgres -k green --worker-connections 200

final class Database {
  private let connection: OpaquePointer

  init(_ url: String) throws {
    guard let connection = PQconnectdb(url) else { throw ConnectionError("out of memory") }
    self.connection = connection
    guard PQstatus(connection) == CONNECTION_OK else { throw ConnectionError(PQerrorMessage(connection)) }
  }

  deinit { PQfinish(connection) }

  /// The first column of the first row.
  func value(_ query: String) throws -> String {
    let result = PQexec(connection, query)
    defer { PQclear(result) }
    guard PQresultStatus(result) == PGRES_TUPLES_OK, PQntuples(result) > 0 else {
      throw ConnectionError(PQerrorMessage(connection))
    }
    return String(cString: PQgetvalue(result, 0, 0))
  }
}

let url = setting("DATABASE_URL", default: "postgresql://postgres@127.0.0.1:5432/postgres")
let pool = Pool { try Database(url) }
let app = App()

app.get("/") { _ in try pool.with { try $0.value("select 6 * 7 from pg_sleep(0.5)") } }

app.run()
