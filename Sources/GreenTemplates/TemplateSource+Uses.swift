extension TemplateSource {
  /// What a template has in it.
  enum Part: Hashable, CustomStringConvertible {
    case template(String)
    /// A block, which may be filled by any template that has this one in it.
    case block(String)

    var description: String {
      switch self {
      case .template(let name): name
      case .block(let name): "{{$\(name)}}"
      }
    }
  }

  /// A place in it where another template is, or a block.
  struct Use {
    let part: Part
    let line: Int
    /// The blocks of layouts that are filled with what stands here.
    let blocks: [String]
  }

  /// The templates and blocks that it has in it. Of one that is malformed, those before the fault.
  ///
  /// - Throws: ``TemplateError`` where a tag is none for templates here: what this does not see is not checked.
  func uses() throws(TemplateError) -> [Use] {
    var uses: [Use] = []
    // The sections around the place; for a layout's block that is filled, its name.
    var around: [(isLayout: Bool, block: String?)] = []
    for (tag, line) in tags {
      let name = String(tag.dropFirst().filter { !$0.isWhitespace })
      let blocks = around.compactMap(\.block)
      switch tag.first {
      case "%":
        throw fault(
          line, "'{{%' is not for templates here: what is put into one is escaped, unless its name ends in '.txt'")
      case "=": throw fault(line, "'{{=' is not for templates here: tags are in '{{' and '}}'")
      case ">", "<":
        if name.hasPrefix("*") {
          throw fault(line, "'{{\(tag[0])*' is not for templates here: which template it is must be known beforehand")
        }
        uses.append(Use(part: .template(name), line: line, blocks: blocks))
        if tag.first == "<" { around.append((true, nil)) }
      case "$":
        let fills = around.last?.isLayout == true
        if !fills { uses.append(Use(part: .block(name), line: line, blocks: blocks)) }
        around.append((false, fills ? name : nil))
      case "#", "^": around.append((false, nil))
      case "/": _ = around.popLast()
      default: break
      }
    }
    return uses
  }

  /// What stands between `{{` and `}}`, over lines too, and the line where it begins. By characters, as the package
  /// reads them.
  private var tags: [(text: [Character], line: Int)] {
    let characters = Array(text)
    var tags: [([Character], Int)] = []
    var line = 1
    var index = 0
    var start: (index: Int, line: Int)?
    while index < characters.count {
      let pair = index + 1 < characters.count && characters[index] == characters[index + 1] ? characters[index] : " "
      if let begun = start, pair == "}" {
        tags.append((Array(characters[begun.index..<index]), begun.line))
        start = nil
        index += 2
      } else if start == nil, pair == "{" {
        start = (index + 2, line)
        index += 2
      } else {
        if characters[index].isNewline { line += 1 }
        index += 1
      }
    }
    // One that is not ended is malformed, but what it is shows.
    if let start { tags.append((Array(characters[start.index...]), start.line)) }
    return tags
  }
}
