internal import GreenHTTP

/// Reads `.po` files (GNU gettext, "The Format of PO Files").
struct CatalogueReader {
  let name: String
  private var found: [(entry: Entry, line: Int)] = []
  private var header = ""

  private struct Entry {
    var context: String?
    var id: String?
    var plural: String?
    var forms: [Int: String] = [:]
    var isFuzzy = false
  }

  private enum Part {
    case context
    case id
    case plural
    case form(Int)
  }

  init(name: String) { self.name = name }

  mutating func read(_ text: String) throws {
    var entry = Entry()
    var part: Part?
    var start = 1
    var number = 0
    // Some editors begin a text with a mark of its encoding.
    for whole in (text.begins(with: "\u{feff}") ? text.dropping(bytes: 3) : text[...]).lines {
      number += 1
      let line = Self.trimmed(whole)
      if line.isEmpty { continue }
      if line.begins(with: "#") {
        // What comes before a text belongs to it, and so does the mark that it is unsure.
        if !entry.forms.isEmpty {
          try end(&entry, start)
          part = nil
        }
        if line.begins(with: "#,"), line.contains("fuzzy") { entry.isFuzzy = true }
        continue
      }
      if line.begins(with: "\"") {
        guard let part else { throw fault(number, "a text must follow msgid, msgstr or msgctxt") }
        try add(try unquoted(line, number), to: part, of: &entry)
        continue
      }
      let (word, rest) = Self.word(line)
      let next = try kind(word, number)
      switch next {
      case .context, .id:
        if !entry.forms.isEmpty { try end(&entry, start) }
        if case .id = next, entry.id != nil { throw fault(number, "the text before it has no msgstr") }
        if entry.context == nil && entry.id == nil { start = number }
      case .plural, .form:
        guard entry.id != nil else { throw fault(number, "'\(word)' must follow msgid") }
      }
      try add(try unquoted(rest, number), to: next, of: &entry)
      part = next
    }
    if entry.id != nil || entry.context != nil { try end(&entry, start) }
  }

  /// The rule in the header.
  func plurals() throws -> PluralRule {
    for line in header.lines where line.lowercased().hasPrefix("plural-forms:") {
      do {
        return try PluralRule(String(line.dropFirst("plural-forms:".count)))
      } catch let error as CatalogueError {
        throw CatalogueError("\(name): Plural-Forms: \(error)")
      }
    }
    return .standard
  }

  func entries(forms count: Int) throws -> [Catalogue.Key: [String]] {
    var entries: [Catalogue.Key: [String]] = [:]
    for (entry, line) in found where !entry.isFuzzy {
      let id = entry.id ?? ""
      let expected = entry.plural == nil ? 1 : count
      let texts = (0..<expected).map { entry.forms[$0] ?? "" }
      if texts.contains("") {
        if entry.forms.values.allSatisfy(\.isEmpty) { continue }
        throw fault(line, "'\(id)' has \(entry.forms.count) forms, and the language \(count)")
      }
      guard entry.forms.count == expected else {
        throw fault(line, "'\(id)' has \(entry.forms.count) forms, and the language \(expected)")
      }
      let known = Set(Placeholders.names(in: id) + Placeholders.names(in: entry.plural ?? ""))
      for text in texts {
        if let other = Placeholders.names(in: text).first(where: { !known.contains($0) }) {
          throw fault(line, "the translation of '\(id)' has {\(other)}, which that does not have")
        }
      }
      if entries.updateValue(texts, forKey: Catalogue.Key(context: entry.context, id: id)) != nil {
        throw fault(line, "'\(id)' is there twice")
      }
    }
    return entries
  }

  private mutating func end(_ entry: inout Entry, _ line: Int) throws {
    guard let id = entry.id, !entry.forms.isEmpty else { throw fault(line, "a text has no msgstr") }
    if id.isEmpty && entry.context == nil {
      header = entry.forms[0] ?? ""
      try checkCharset(line)
    } else {
      found.append((entry, line))
    }
    entry = Entry()
  }

  private func checkCharset(_ line: Int) throws {
    guard let range = header.lowercased().split(separator: "charset=", maxSplits: 1).dropFirst().first else { return }
    let charset = range.prefix { !$0.isWhitespace }
    guard ["utf-8", "utf8", "us-ascii", "ascii"].contains(charset) else {
      throw fault(line, "its charset is \(charset), and must be UTF-8")
    }
  }

  private func kind(_ word: Substring, _ line: Int) throws -> Part {
    switch word {
    case "msgctxt": return .context
    case "msgid": return .id
    case "msgid_plural": return .plural
    case "msgstr": return .form(0)
    default:
      if word.hasPrefix("msgstr["), word.hasSuffix("]"), let form = Int(word.dropFirst(7).dropLast()),
        (0..<16).contains(form)
      {
        return .form(form)
      }
      throw fault(line, "'\(word)' is none of msgid, msgid_plural, msgstr, msgctxt")
    }
  }

  private func add(_ text: String, to part: Part, of entry: inout Entry) throws {
    switch part {
    case .context: entry.context = (entry.context ?? "") + text
    case .id: entry.id = (entry.id ?? "") + text
    case .plural: entry.plural = (entry.plural ?? "") + text
    case .form(let form): entry.forms[form] = (entry.forms[form] ?? "") + text
    }
  }

  /// A text without its quotes, as C writes it. By scalars: a mark that combines with a quote makes it no other.
  private func unquoted(_ text: Substring, _ line: Int) throws -> String {
    let scalars = text.unicodeScalars
    guard scalars.count >= 2, scalars.first == "\"", scalars.last == "\"" else {
      throw fault(line, "a text must stand in quotes")
    }
    var result = String.UnicodeScalarView()
    var rest = scalars.dropFirst().dropLast()
    while let scalar = rest.popFirst() {
      if scalar == "\"" { throw fault(line, "a quote in a text must be \\\"") }
      guard scalar == "\\" else {
        result.append(scalar)
        continue
      }
      switch rest.popFirst() {
      case "n": result.append("\n")
      case "t": result.append("\t")
      case "r": result.append("\r")
      case "\"": result.append("\"")
      case "\\": result.append("\\")
      case let other:
        throw fault(line, "'\\\(other.map { String($0) } ?? "")' is not known: \\n, \\t, \\r, \\\" and \\\\ are")
      }
    }
    return String(result)
  }

  private func fault(_ line: Int, _ text: String) -> CatalogueError { CatalogueError("\(name):\(line): \(text)") }

  private static func word(_ line: Substring) -> (Substring, Substring) {
    let word = line.unicodeScalars.prefix { !$0.properties.isWhitespace && $0 != "\"" }
    return (Substring(word), trimmed(line[word.endIndex...]))
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var scalars = text.unicodeScalars.drop { $0.properties.isWhitespace }
    while let last = scalars.last, last.properties.isWhitespace { scalars = scalars.dropLast() }
    return Substring(scalars)
  }
}
