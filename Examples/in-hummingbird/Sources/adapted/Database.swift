import CLibpq
import Glibc
import Green

/// libpq, with calls that block until the database has answered.
final class Database {
  private let connection: OpaquePointer

  init(_ conninfo: String) throws {
    guard let connection = PQconnectdb(conninfo) else { throw DatabaseError("out of memory") }
    self.connection = connection
    guard PQstatus(connection) == CONNECTION_OK else { throw DatabaseError(PQerrorMessage(connection)) }
  }

  deinit { PQfinish(connection) }

  /// The first column of the first row.
  func value(_ query: String) throws -> String {
    let result = PQexec(connection, query)
    defer { PQclear(result) }
    guard PQresultStatus(result) == PGRES_TUPLES_OK, PQntuples(result) > 0 else {
      throw DatabaseError(PQerrorMessage(connection))
    }
    return String(cString: PQgetvalue(result, 0, 0))
  }
}

let slowQuery = "select 6 * 7 from pg_sleep(0.5)"

/// What libpq said when it failed.
struct DatabaseError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
  init(_ text: UnsafePointer<CChar>?) { description = text.map { String(cString: $0) } ?? "out of memory" }
}

extension Database {
  /// As many connections as calls were in progress at once, each lent to one at a time; kept, unless it failed.
  final class Pool: @unchecked Sendable {
    private let idle = Mutex<[Database]>([])
    private let conninfo: String

    init(_ conninfo: String) { self.conninfo = conninfo }

    func with<Result>(_ body: (Database) throws -> Result) throws -> Result {
      let database = try idle.withLock { $0.popLast() } ?? Database(conninfo)
      let result = try body(database)
      idle.withLock { $0.append(database) }
      return result
    }
  }

  /// Of the database that the environment names by `PGCONNINFO`.
  static var pool: Pool {
    Pool(getenv("PGCONNINFO").map { String(cString: $0) } ?? "postgresql://postgres@127.0.0.1:5432/postgres")
  }
}
