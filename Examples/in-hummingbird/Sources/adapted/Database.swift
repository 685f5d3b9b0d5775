import CLibpq
import Connections

/// libpq, with calls that block until the database has answered.
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

let slowQuery = "select 6 * 7 from pg_sleep(0.5)"
