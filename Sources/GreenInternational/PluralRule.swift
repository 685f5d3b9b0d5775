/// Which form of a word goes with a number, as gettext's `Plural-Forms` says it: `nplurals=2; plural=(n != 1);`.
public struct PluralRule: Sendable {
  /// How many forms there are.
  public let count: Int
  private let expression: PluralExpression

  /// Reads a rule.
  ///
  /// - Throws: ``CatalogueError`` where it is not one.
  public init(_ text: String) throws {
    let wrong = CatalogueError("'\(text)' is not a rule such as nplurals=2; plural=(n != 1);")
    var values: [String: String] = [:]
    for part in text.split(separator: ";") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2 else {
        if part.allSatisfy(\.isWhitespace) { continue }
        throw wrong
      }
      values[pair[0].filter { !$0.isWhitespace }] = String(pair[1])
    }
    guard let count = values["nplurals"].flatMap({ Int($0.filter { !$0.isWhitespace }) }), (1...16).contains(count),
      let source = values["plural"], let expression = PluralExpression(source)
    else { throw wrong }
    self.count = count
    self.expression = expression
  }

  /// English's, and that of whoever says none: one, and many.
  static let standard = PluralRule(count: 2, expression: .binary("!=", .number, .constant(1)))

  private init(count: Int, expression: PluralExpression) {
    self.count = count
    self.expression = expression
  }

  /// Which form goes with a number, from 0. One below nothing is taken as its distance from there.
  public func form(for number: Int) -> Int {
    let form = expression.value(UInt64(number.magnitude))
    return form < UInt64(count) ? Int(form) : 0
  }
}
