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
    // By bytes: what follows a brace may combine with it, which is another character then.
    while let start = rest.utf8.firstIndex(of: UInt8(ascii: "{")) {
      result += rest[..<start]
      let inner = rest[rest.utf8.index(after: start)...].utf8
      let end = inner.firstIndex { !isOfName($0) } ?? inner.endIndex
      if end > inner.startIndex, end < inner.endIndex, inner[end] == UInt8(ascii: "}") {
        let name = String(rest[inner.startIndex..<end])
        result += value(name) ?? "{\(name)}"
        rest = rest[inner.index(after: end)...]
      } else {
        result += "{"
        rest = rest[inner.startIndex...]
      }
    }
    return result + rest
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "_")
  }
}
