/// The words of a line as a shell has them, without its variables and patterns: what gunicorn reads its variable with, Python's
/// `shlex.split`.
enum ShellWords {
  /// Throws where a quote has no end.
  static func split(_ line: String) throws(CommandLineFault) -> [String] {
    var words: [String] = []
    // `nil` between two words.
    var word: String?
    var rest = line[...]
    while let character = rest.popFirst() {
      switch character {
      case "'": word = (word ?? "") + (try quoted(&rest))
      case "\"": word = (word ?? "") + (try doublyQuoted(&rest))
      case "\\": if let next = rest.popFirst() { word = (word ?? "") + String(next) }
      case _ where character.isWhitespace:
        if let finished = word { words.append(finished) }
        word = nil
      default: word = (word ?? "") + String(character)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }

  private static func quoted(_ rest: inout Substring) throws(CommandLineFault) -> String {
    guard let end = rest.firstIndex(of: "'") else { throw CommandLineFault("a ' has no end") }
    defer { rest = rest[rest.index(after: end)...] }
    return String(rest[..<end])
  }

  private static func doublyQuoted(_ rest: inout Substring) throws(CommandLineFault) -> String {
    var text = ""
    while let character = rest.popFirst() {
      if character == "\"" { return text }
      if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
        text.append(next)
        rest.removeFirst()
      } else {
        text.append(character)
      }
    }
    throw CommandLineFault("a \" has no end")
  }
}
