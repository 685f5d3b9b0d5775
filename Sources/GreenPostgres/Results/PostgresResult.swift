internal import CPQ

/// What a statement returned: libpq's `PGresult`, in memory as a whole.
///
/// Unsafe as `Sendable`: libpq changes a result no more once it has been handed out.
public final class PostgresResult: @unchecked Sendable {
  private let pointer: OpaquePointer
  /// The names of the columns.
  public let columns: [String]
  /// The place of each name; -1 for a name that several columns have.
  private let places: [String: Int]

  /// - Parameter other: one of the same statement, whose columns these are then.
  init(taking pointer: OpaquePointer, like other: PostgresResult? = nil) {
    self.pointer = pointer
    if let other {
      (columns, places) = (other.columns, other.places)
      return
    }
    columns = (0..<PQnfields(pointer)).map { PQfname(pointer, $0).map { String(cString: $0) } ?? "" }
    places = Dictionary(zip(columns, columns.indices)) { _, _ in -1 }
  }

  deinit { PQclear(pointer) }

  /// How many rows there are.
  public var count: Int { Int(PQntuples(pointer)) }

  /// How many rows the statement has changed, or returned.
  public var affectedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

  /// What the server says was done: `INSERT 0 3`, `COMMIT`.
  var tag: String { String(cString: PQcmdStatus(pointer)) }

  /// A value.
  public func field(row: Int, column: Int) -> PostgresField { PostgresField(self, row: row, column: column) }

  /// Where the column is that has this name; `nil` where there is none.
  ///
  /// - Throws: ``PostgresDecodingError`` where there are several.
  func place(of name: String) throws -> Int? {
    guard let place = places[name] else { return nil }
    if place < 0 {
      throw PostgresDecodingError(column: name, reason: "several columns have this name: give them others with AS")
    }
    return place
  }

  // MARK: Values as libpq has them

  func type(_ column: Int) -> UInt32 { PQftype(pointer, Int32(column)) }

  func isNull(_ row: Int, _ column: Int) -> Bool { PQgetisnull(pointer, Int32(row), Int32(column)) != 0 }

  func withBytes<Value>(_ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
    let count = Int(PQgetlength(pointer, Int32(row), Int32(column)))
    let bytes = UnsafeRawBufferPointer(start: PQgetvalue(pointer, Int32(row), Int32(column)), count: count)
    return try withExtendedLifetime(self) { try body(bytes) }
  }
}
