/// Why the tables were not brought up to date.
public enum PostgresMigrationError: Error, Sendable, CustomStringConvertible {
  /// The folder cannot be read.
  case folder(String, reason: String)
  /// The name does not begin with a number.
  case name(String)
  /// Two have the same number.
  case number(Int, String, String)
  /// A migration that has been carried out reads otherwise now.
  case changed(String)
  /// A statement failed. All that its migration did is undone, unless it was without a transaction.
  case failed(String, line: Int?, PostgresError)

  public var description: String {
    switch self {
    case .folder(let path, let reason): "the migrations in '\(path)' cannot be read: \(reason)"
    case .name(let name): "the migration '\(name)' has no number: call it 0001_\(name)"
    case .number(let number, let one, let other): "two migrations have the number \(number): '\(one)' and '\(other)'"
    case .changed(let name):
      "the migration '\(name)' was carried out, and its text has been changed since: add another that changes the tables further"
    case .failed(let name, let line, let error):
      "the migration '\(name)' failed\(line.map { " in line \($0)" } ?? ""): \(error)"
    }
  }
}
