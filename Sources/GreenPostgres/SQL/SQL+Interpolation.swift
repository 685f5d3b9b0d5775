extension SQL {
  /// How a statement is put together.
  public struct StringInterpolation: StringInterpolationProtocol {
    var text = ""
    var values: [any PostgresValue] = []

    public init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 3 * interpolationCount)
    }

    public mutating func appendLiteral(_ literal: String) { text += literal }

    /// A value: `\(user.id)`. It is sent beside the text, as the parameter `$1` and so on.
    public mutating func appendInterpolation(_ value: some PostgresValue) {
      values.append(value)
      text += "$\(values.count)"
    }

    /// A value for a column of type `json` or `jsonb`: `\(json: settings)`.
    public mutating func appendInterpolation(json value: some Encodable & Sendable) {
      appendInterpolation(JSONParameter(value: value))
    }

    /// Another statement, with its values: `\(condition)`.
    public mutating func appendInterpolation(_ part: SQL) {
      text += part.text(numberedFrom: values.count)
      values += part.values
    }

    /// A name of a table, a column and so on: `\(identifier: column)`. It is quoted, so that it is one name whatever is in it.
    public mutating func appendInterpolation(identifier: String) {
      // By scalars: as a `Character`, a quote before a combining mark is no quote, and to the server it is one.
      var quoted = String.UnicodeScalarView()
      for scalar in identifier.unicodeScalars { quoted += scalar == "\"" ? [scalar, scalar] : [scalar] }
      text += "\"" + String(quoted) + "\""
    }

    /// Text that becomes part of the statement as it is: `\(raw: order)`. Never for what comes from outside.
    public mutating func appendInterpolation(raw: String) { text += raw }
  }

  /// The text as part of another, whose values come first.
  private func text(numberedFrom count: Int) -> String {
    if count == 0 || values.isEmpty { return text }
    var result = ""
    for part in SQLText.parts(of: text) {
      switch part {
      case .plain(let text): result += text
      case .parameter(let number): result += "$\(number + count)"
      }
    }
    return result
  }
}
