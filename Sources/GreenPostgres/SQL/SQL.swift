/// A statement of SQL, whose interpolated values are parameters and never text: nothing in them is read as SQL.
///
/// ```swift
/// let notes: SQL = "select id, title from notes where owner = \(user.id) and title like \(pattern)"
/// ```
///
/// sends `… where owner = $1 and title like $2` and the two values beside it. Statements are put together by interpolation too:
/// `"\(notes) order by \(identifier: column)"`. A `String` is not a statement: where one is to become part of the text itself,
/// that is said by ``StringInterpolation/appendInterpolation(raw:)``.
public struct SQL: Sendable, ExpressibleByStringInterpolation {
  /// The text, with `$1`, `$2` … where values are.
  public private(set) var text: String
  /// The values, in the order of their numbers.
  public private(set) var values: [any PostgresValue]

  /// A statement without values.
  public init(stringLiteral text: String) { (self.text, values) = (text, []) }

  public init(stringInterpolation: StringInterpolation) {
    (text, values) = (stringInterpolation.text, stringInterpolation.values)
  }

  /// A statement whose text was not written in the program: nothing in it is checked or escaped.
  public init(raw text: String) { (self.text, values) = (text, []) }
}
