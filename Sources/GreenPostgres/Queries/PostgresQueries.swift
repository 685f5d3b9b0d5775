/// What carries out statements: a ``Postgres``, on any of its connections, or one ``PostgresConnection``.
///
/// Each call parks or blocks until the server has answered. When its fiber or task is cancelled, or a deadline passes,
/// the server is told to cancel the statement.
///
/// Each throws ``PostgresError`` where the statement fails, ``PostgresConnectionError``, ``PostgresDecodingError``
/// where the rows are not as they were to be, ``PostgresUsageError``; `PoolError` where no connection is to be had;
/// `CancellationError` and `TimeoutError` as every wait.
public protocol PostgresQueries: Sendable {
  /// Carries out a statement; all that it returns is in memory then.
  func run(_ sql: SQL) throws -> PostgresResult
}

extension PostgresQueries {
  /// All rows, each decoded by the names of its columns.
  ///
  /// ```swift
  /// struct Note: Decodable { var id: Int; var title: String; var createdAt: Date }
  /// let notes = try db.query("select id, title, created_at from notes where owner = \(user.id)", as: Note.self)
  /// ```
  ///
  /// A property `createdAt` takes the column `created_at` where no column is called `createdAt`. A column of type
  /// `json` or `jsonb` becomes any `Decodable`; read as `String` it is the text of the JSON. A type that is a value
  /// itself, such as `Int`, takes the only column.
  public func query<Row: Decodable>(_ sql: SQL, as type: Row.Type = Row.self) throws -> [Row] {
    let result = try run(sql)
    return try (0..<result.count).map { try RowDecoder.decode(type, result, row: $0) }
  }

  /// The first row, `nil` where there is none.
  public func first<Row: Decodable>(_ sql: SQL, as type: Row.Type = Row.self) throws -> Row? {
    let result = try run(sql)
    return result.count == 0 ? nil : try RowDecoder.decode(type, result, row: 0)
  }

  /// All rows as tuples, by the order of the columns.
  ///
  /// ```swift
  /// for (id, name) in try db.rows("select id, name from users", Int.self, String?.self) { … }
  /// ```
  public func rows<each Column: PostgresValue>(_ sql: SQL, _ types: repeat (each Column).Type) throws
    -> [(repeat each Column)]
  {
    let result = try run(sql)
    var count = 0
    for _ in repeat each types { count += 1 }
    guard count == result.columns.count else {
      throw PostgresDecodingError(
        column: result.columns.joined(separator: ", "),
        reason: "\(count) columns were wanted, and there are \(result.columns.count)")
    }
    return try (0..<result.count).map { row in
      var column = -1
      func next<Value: PostgresValue>(_ type: Value.Type) throws -> Value {
        column += 1
        return try Value(postgres: result.field(row: row, column: column))
      }
      return (repeat try next(each types))
    }
  }

  /// The only column of the first row; `nil` where there is no row, or where it is NULL.
  public func value<Value: PostgresValue>(_ sql: SQL, as type: Value.Type = Value.self) throws -> Value? {
    let result = try run(sql)
    guard result.columns.count == 1 else {
      throw PostgresDecodingError(
        column: result.columns.joined(separator: ", "),
        reason: "one column was wanted, and there are \(result.columns.count)")
    }
    return result.count == 0 ? nil : try Value?(postgres: result.field(row: 0, column: 0))
  }

  /// Carries out a statement for what it does.
  ///
  /// - Returns: how many rows it has changed, or returned.
  @discardableResult
  public func execute(_ sql: SQL) throws -> Int { try run(sql).affectedRows }

  /// Tells all who listen to the channel, once the transaction is committed where there is one: `NOTIFY`.
  public func notify(_ channel: String, _ payload: String = "") throws {
    try execute("select pg_notify(\(channel), \(payload))")
  }
}
