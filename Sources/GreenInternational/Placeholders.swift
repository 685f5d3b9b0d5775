/// Places in a text for values: `Hello, {name}!`.
enum Placeholders {
  /// Their names.
  static func names(in text: String) -> [String] {
    var names: [String] = []
    _ = replaced(text) { name in
      names.append(name)
      return nil
    }
    return names
  }

  /// The text with values in their places; what has none stays.
  static func filled(_ text: String, _ values: [String: String]) -> String { replaced(text) { values[$0] } }

  private static func replaced(_ text: String, _ value: (String) -> String?) -> String {
    guard text.utf8.contains(0x7b) else { return text }
    var result = ""
    var rest = text[...]
    while let start = rest.firstIndex(of: "{") {
      result += rest[..<start]
      let inner = rest[rest.index(after: start)...]
      let name = inner.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      if !name.isEmpty, inner.dropFirst(name.count).first == "}" {
        result += value(String(name)) ?? "{\(name)}"
        rest = inner.dropFirst(name.count + 1)
      } else {
        result += "{"
        rest = inner
      }
    }
    return result + rest
  }
}
