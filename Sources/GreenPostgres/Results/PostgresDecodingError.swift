/// A row is not what it was to be. The value itself is not told: it may be a secret.
public struct PostgresDecodingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The column that it is about.
  public var column: String
  /// What is wrong, as the end of a sentence.
  public var reason: String

  /// An error about a column.
  public init(column: String, reason: String) { (self.column, self.reason) = (column, reason) }

  public var description: String { "column '\(column)': \(reason)" }
}
