/// Why there is no connection to the server, or none any more.
public enum PostgresConnectionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The address of the database is wrong, with what is wrong about it.
  case address(String)
  /// The server could not be reached, or refused; what libpq says.
  case refused(String)
  /// Connecting took longer than it may.
  case timedOut(Duration)
  /// The connection ended; whether the statement was carried out is not known.
  case lost(String)
  /// It was closed by this program.
  case closed
  /// It belongs to the process that this one was forked from.
  case inherited

  public var description: String {
    switch self {
    case .address(let reason): "the address of the database is wrong: \(reason)"
    case .refused(let reason): "cannot connect to PostgreSQL: \(reason)"
    case .timedOut(let timeout): "cannot connect to PostgreSQL: nothing was agreed within \(timeout)"
    case .lost(let reason): "the connection to PostgreSQL was lost: \(reason)"
    case .closed: "the connection to PostgreSQL was closed"
    case .inherited: "the connection to PostgreSQL belongs to the process that this one was forked from"
    }
  }
}
