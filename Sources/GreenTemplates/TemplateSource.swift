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
}
