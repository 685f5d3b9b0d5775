/// What the server answered to a statement that failed.
public struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of error it is: five characters. PostgreSQL's documentation, appendix A.
  public struct State: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The five characters.
    public let rawValue: String
    /// A state by its five characters.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Another row has the same value already.
    public static let uniqueViolation = State(rawValue: "23505")
    /// A row refers to another that is not there, or is referred to.
    public static let foreignKeyViolation = State(rawValue: "23503")
    /// A value is NULL that must not be.
    public static let notNullViolation = State(rawValue: "23502")
    /// A value does not meet a `CHECK`.
    public static let checkViolation = State(rawValue: "23514")
    /// The transaction cannot be put in order with others: try it again.
    public static let serializationFailure = State(rawValue: "40001")
    /// Transactions wait for each other, and this one was given up: try it again.
    public static let deadlockDetected = State(rawValue: "40P01")
    /// The statement is not SQL.
    public static let syntaxError = State(rawValue: "42601")
    /// There is no such table.
    public static let undefinedTable = State(rawValue: "42P01")
    /// There is no such column.
    public static let undefinedColumn = State(rawValue: "42703")
    /// The statement was cancelled, by this program or by `statement_timeout`.
    public static let queryCanceled = State(rawValue: "57014")
    static let invalidStatementName = State(rawValue: "26000")
    static let featureNotSupported = State(rawValue: "0A000")

    /// The first two characters: `23` is all that violates a constraint.
    public var category: Substring { rawValue.prefix(2) }
    public var description: String { rawValue }
  }

  /// The error's SQLSTATE.
  public var state: State
  /// What is wrong, in one line.
  public var message: String
  /// More about what is wrong. Values may be in it.
  public var detail: String?
  /// What may help.
  public var hint: String?
  /// Which character of the statement's text it is about, from 1.
  public var position: Int?
  /// The schema of what it is about.
  public var schema: String?
  /// The table that it is about.
  public var table: String?
  /// The column that it is about.
  public var column: String?
  /// The constraint that was violated.
  public var constraint: String?

  public var description: String {
    var text = "\(message) (SQLSTATE \(state))"
    if let position { text += ", at character \(position)" }
    if let detail { text += ": \(detail)" }
    if let hint { text += "; \(hint)" }
    return text
  }
}
