import CLibpq
import Glibc

/// What the database says is wrong.
struct DatabaseError: Error {
  let message: String
}

/// A connection by libpq, whose calls block until the database has answered.
///
/// Unsafe: one thread uses it at a time, the one that has taken it out of the `Database`.
final class Connection: @unchecked Sendable {
  private let native: OpaquePointer
  /// The names of the statements that the server has prepared.
  private var prepared: [String: String] = [:]

  init(_ url: String) throws {
    guard let native = PQconnectdb(url) else { throw DatabaseError(message: "out of memory") }
    self.native = native
    guard isOpen else { throw failure }
  }

  deinit { PQfinish(native) }

  var isOpen: Bool { PQstatus(native) == CONNECTION_OK }

  private var failure: DatabaseError { DatabaseError(message: String(cString: PQerrorMessage(native))) }

  /// What `read` makes of the rows of a statement with these values.
  func rows<Value>(_ statement: String, _ values: [String], _ read: (Row) throws -> Value) throws -> [Value] {
    let name = try prepare(statement)
    let copies: [UnsafeMutablePointer<CChar>?] = values.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    let pointers: [UnsafePointer<CChar>?] = copies.map { UnsafePointer($0) }
    let result = PQexecPrepared(native, name, Int32(pointers.count), pointers, nil, nil, 0)
    defer { PQclear(result) }
    let status = PQresultStatus(result)
    guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else { throw failure }
    return try (0..<PQntuples(result)).map { try read(Row(result: result, number: $0)) }
  }

  private func prepare(_ statement: String) throws -> String {
    if let name = prepared[statement] { return name }
    let name = "statement_\(prepared.count)"
    let result = PQprepare(native, name, statement, 0, nil)
    defer { PQclear(result) }
    guard PQresultStatus(result) == PGRES_COMMAND_OK else { throw failure }
    prepared[statement] = name
    return name
  }
}

/// A row of an answer, to be read while the answer is there.
struct Row {
  fileprivate let result: OpaquePointer?
  fileprivate let number: Int32

  /// `nil` where it is null.
  func text(_ column: Int32) -> String? {
    PQgetisnull(result, number, column) == 1 ? nil : String(cString: PQgetvalue(result, number, column))
  }

  /// A value that is never null.
  func value<Value: LosslessStringConvertible>(_ column: Int32, as type: Value.Type = Value.self) throws -> Value {
    guard let shown = text(column), let value = Value(shown) else {
      throw DatabaseError(message: "column \(column) is not of type \(Value.self)")
    }
    return value
  }
}
