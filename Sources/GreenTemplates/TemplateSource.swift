internal import Mustache

/// The text of one template.
struct TemplateSource {
  /// Without the folder and the ends of the file's name: `notes/list`.
  let name: String
  /// For complaints.
  let path: String
  let text: String

  /// Whether it is text, which is not escaped: `welcome.txt`.
  var isText: Bool { name.hasSuffix(".txt") }

  /// - Throws: ``TemplateError`` with the file and the line.
  func parsed() throws(TemplateError) -> MustacheTemplate {
    if let line = lines.firstIndex(where: { $0.contains("{{%") }) {
      throw fault(
        line + 1, "'{{%' is not for templates here: what is put into one is escaped, unless its name ends in '.txt'")
    }
    do {
      // On a line of its own, of which nothing is left.
      return try MustacheTemplate(
        string: "{{% CONTENT_TYPE:\(isText ? "TEXT" : EscapedContent.name)}}\n" + text)
    } catch let error as MustacheTemplate.ParserError {
      throw fault(max(1, error.context.lineNumber - 1), Self.sentence(error.error))
    } catch {
      throw fault(1, "it cannot be read: \(error)")
    }
  }

  func fault(_ line: Int, _ problem: String) -> TemplateError { TemplateError("\(path):\(line): \(problem)") }

  private var lines: [Substring] { text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) }

  private static func sentence(_ error: any Error) -> String {
    switch error as? MustacheTemplate.Error {
    case .sectionCloseNameIncorrect: "a section is ended by another name than it began with"
    case .unfinishedName: "a tag is not ended, or has no name"
    case .expectedSectionEnd: "a section is not ended"
    case .invalidSetDelimiter: "the delimiters are set wrongly"
    case .transformAppliedToInheritanceSection: "a block cannot be transformed"
    case .illegalTokenInsideInheritSection: "between '{{<…}}' and its end there may be blocks alone, '{{$…}}'"
    case .textInsideInheritSection: "between '{{<…}}' and its end there may be blocks alone, '{{$…}}'"
    case .invalidConfigVariableSyntax, .unrecognisedConfigVariable: "a '{{%…}}' is wrong"
    case nil: "a tag is not ended"
    }
  }

  /// Another template that this one has in it.
  struct Use {
    let name: String
    let line: Int
    /// Whether it stands in a section, so that the values decide.
    let isConditional: Bool
  }

  /// The templates that it has in it by their names. None where the delimiters are others.
  var uses: [Use] {
    var uses: [Use] = []
    var depth = 0
    for (number, line) in lines.enumerated() {
      var rest = line
      while let start = rest.firstRange(of: "{{") {
        rest = rest[start.upperBound...]
        guard let end = rest.firstRange(of: "}}") else { break }
        let tag = rest[..<end.lowerBound]
        rest = rest[end.upperBound...]
        let name = tag.dropFirst().filter { !$0.isWhitespace }
        switch tag.first {
        case "=": return []
        case "#", "^": depth += 1
        case "$": depth += 1
        case "/": depth -= 1
        case ">" where !name.hasPrefix("*"): uses.append(Use(name: name, line: number + 1, isConditional: depth > 0))
        case "<":
          if !name.hasPrefix("*") { uses.append(Use(name: name, line: number + 1, isConditional: depth > 0)) }
          depth += 1
        default: break
        }
      }
    }
    return uses
  }
}
