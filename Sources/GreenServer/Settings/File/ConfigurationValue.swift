/// A value in a file of settings.
public enum ConfigurationValue: Sendable, Equatable {
  /// A text.
  case string(String)
  /// A number, as it is written.
  case number(String)
  /// True or false.
  case bool(Bool)
  /// Several values.
  case list([ConfigurationValue])
  /// As if the key were not there.
  case null
  /// A table or an object, which no setting takes.
  case table

  /// The texts that a setting reads; `nil` where it can read none.
  var texts: [String]? {
    switch self {
    case .string(let text), .number(let text): [text]
    case .bool(let value): [value ? "true" : "false"]
    case .list(let values):
      values.reduce(into: [] as [String]?) { texts, value in
        guard let more = value.texts, more.count == 1 else { texts = nil; return }
        texts?.append(contentsOf: more)
      }
    case .null: []
    case .table: nil
    }
  }

  /// As a sentence names it.
  var shown: String {
    switch self {
    case .string(let text): "'\(text)'"
    case .number(let text): text
    case .bool(let value): value ? "true" : "false"
    case .list(let values): "the list [\(values.map(\.shown).joined(separator: ", "))]"
    case .null: "null"
    case .table: "an object"
    }
  }
}
