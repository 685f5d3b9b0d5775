/// Why a transaction was not committed although nothing was thrown in it.
public enum PostgresTransactionError: Error, Sendable, CustomStringConvertible {
  /// A statement in it had failed, and its error was caught: all of it is undone. Put such a statement into a
  /// transaction of its own.
  case rolledBack

  public var description: String {
    "the transaction was rolled back: a statement in it failed, and the error was caught; put it into a transaction inside"
  }
}
