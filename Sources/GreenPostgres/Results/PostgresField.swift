/// A value of a result, or an element of an array in it.
public struct PostgresField: Sendable {
  private enum Source: Sendable {
    case result(PostgresResult, row: Int, column: Int)
    case element(String?)
  }

  private let source: Source
  /// The column's name.
  public let column: String
  /// The number of the type in `pg_type`; 0 for an element whose type is not known.
  public let type: UInt32

  init(_ result: PostgresResult, row: Int, column: Int) {
    source = .result(result, row: row, column: column)
    self.column = result.columns[column]
    type = result.type(column)
  }

  private init(element: String?, of array: PostgresField) {
    source = .element(element)
    column = array.column
    type = PostgresType.element(of: array.type)
  }

  /// An element of the array that this is.
  func element(_ text: String?) -> PostgresField { PostgresField(element: text, of: self) }

  /// Whether it is NULL.
  public var isNull: Bool {
    switch source {
    case .result(let result, let row, let column): result.isNull(row, column)
    case .element(let text): text == nil
    }
  }

  /// The value as text.
  ///
  /// - Throws: ``PostgresDecodingError`` for NULL.
  public func text() throws -> String { try withBytes { String(decoding: $0, as: UTF8.self) } }

  /// Calls `body` with the bytes of the text. A zero follows them.
  ///
  /// - Throws: ``PostgresDecodingError`` for NULL; what `body` throws.
  public func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) throws -> Value {
    if isNull {
      throw PostgresDecodingError(column: column, reason: "is NULL, and was to be a value: make it optional")
    }
    switch source {
    case .result(let result, let row, let column): return try result.withBytes(row, column, body)
    case .element(let text):
      return try (text ?? "").utf8CString.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0.dropLast())) }
    }
  }

  /// The error that says that the value cannot be a `type`.
  public func mismatch(_ type: Any.Type) -> PostgresDecodingError {
    PostgresDecodingError(column: column, reason: "cannot be read as \(type): PostgreSQL's type is number \(self.type)")
  }
}
