import CMariaDB
import Connections
import Greenfinch

// MariaDB Connector/C, with calls that block until the database has answered.
//
// DATABASE_HOST=127.0.0.1 DATABASE_PORT=3306 DATABASE_USER=root swift run mariadb -k green --worker-connections 200

final class Database {
  private let connection: UnsafeMutablePointer<MYSQL>

  init(host: String, port: UInt32, user: String, password: String) throws {
    guard let connection = mysql_init(nil) else { throw ConnectionError("out of memory") }
    self.connection = connection
    guard mysql_real_connect(connection, host, user, password, nil, port, nil, 0) != nil else {
      throw ConnectionError(mysql_error(connection))
    }
  }

  deinit { mysql_close(connection) }

  /// The first column of the first row.
  func value(_ query: String) throws -> String {
    guard mysql_query(connection, query) == 0, let result = mysql_store_result(connection) else {
      throw ConnectionError(mysql_error(connection))
    }
    defer { mysql_free_result(result) }
    guard let row = mysql_fetch_row(result), let value = row[0] else { throw ConnectionError("no row") }
    return String(cString: value)
  }
}

let host = setting("DATABASE_HOST", default: "127.0.0.1")
let port = UInt32(setting("DATABASE_PORT", default: "3306")) ?? 3306
let user = setting("DATABASE_USER", default: "root")
let password = setting("DATABASE_PASSWORD", default: "")
let pool = Pool { try Database(host: host, port: port, user: user, password: password) }
let app = App()

app.get("/") { _ in try pool.with { try $0.value("SELECT 42 + SLEEP(0.5)") } }

app.run()
