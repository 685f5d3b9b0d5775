/// What cannot be asked of PostgreSQL in this way; nothing was sent.
public enum PostgresUsageError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A text, or a statement, has a NUL character, which PostgreSQL's text cannot have.
  case nul
  /// A statement has more values than the protocol has numbers for.
  case tooManyValues(Int)
  /// `COPY` takes no parameters.
  case copyWithValues
  /// The statement was to be a `COPY`, in this direction.
  case notCopy(String)
  /// The connection copies rows, or hands them over one by one, at this time, and can do nothing else.
  case copying
  /// The connection has a transaction, and the Swift runtime's state cannot be kept apart for each fiber: whether the calling
  /// code is in that, or has to wait for its end, cannot be told.
  case inTransaction
  /// A value is too large to be sent.
  case tooLarge(Int)

  public var description: String {
    switch self {
    case .nul: "PostgreSQL's text has no NUL characters: send bytes, to a column of type bytea"
    case .tooManyValues(let count): "a statement has at most 65535 values, and this one has \(count)"
    case .copyWithValues: "COPY takes no values: interpolate them with raw or identifier"
    case .notCopy(let direction): "the statement is not a COPY … \(direction)"
    case .copying: "the connection copies or streams rows, and can do nothing else until that has ended"
    case .inTransaction:
      "the connection has a transaction, which may be somebody else's: take a connection of the pool for each"
    case .tooLarge(let count): "a value of \(count) bytes is too large: PostgreSQL takes less than 1 GB"
    }
  }
}
