// cannot convert value of type 'String' to expected argument type 'SQL'
import GreenPostgres

func titles(_ db: Postgres, of owner: String) throws -> [String] {
  let statement: String = "select title from notes where owner = '\(owner)'"
  return try db.query(statement, as: String.self)
}
