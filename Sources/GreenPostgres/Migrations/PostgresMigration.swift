/// One change of the tables: a numbered piece of SQL.
public struct PostgresMigration: Sendable, Equatable {
  /// Its place among all.
  public let number: Int
  /// What it is called, `0007_add_tags.sql`.
  public let name: String
  /// The statements.
  public let text: String

  /// - Parameters:
  ///   - name: begins with the number.
  ///   - text: the statements, which are carried out in one transaction; where the first line is `-- no transaction`, which
  ///     `create index concurrently` needs, one statement without.
  /// - Throws: ``PostgresMigrationError/name(_:)``.
  public init(name: String, text: String) throws {
    let digits = name.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let number = Int(Substring(digits)) else { throw PostgresMigrationError.name(name) }
    (self.number, self.name, self.text) = (number, name, text)
  }

  var isInTransaction: Bool {
    // By scalars: as a `Character`, the end of a line of Windows is another than that of Unix.
    let first = text.unicodeScalars.prefix { $0 != "\n" && $0 != "\r" }.filter { $0 != " " && $0 != "\u{feff}" }
    return String(String.UnicodeScalarView(first)).lowercased() != "--notransaction"
  }
}
