internal import Mustache

/// Templates that have been found to be in order.
struct TemplateSet: Sendable {
  let names: Set<String>
  private let pages: MustacheLibrary
  /// Those and the texts, of which a page has nothing.
  private let texts: MustacheLibrary

  /// - Throws: ``TemplateError`` where one is malformed, has another in it that is not there, or has itself in it.
  init(_ sources: [TemplateSource]) throws(TemplateError) {
    var templates: [String: MustacheTemplate] = [:]
    var all: [(source: TemplateSource, uses: [TemplateSource.Use])] = []
    for source in sources {
      all.append((source, try source.uses()))
      if templates.updateValue(try source.parsed(), forKey: source.name) != nil {
        throw TemplateError("\(source.path): there are two templates '\(source.name)'")
      }
    }
    for (source, uses) in all {
      for use in uses {
        guard case .template(let name) = use.part else { continue }
        if templates[name] == nil { throw source.fault(use.line, "there is no template '\(name)'") }
        // Text in a page would not be escaped.
        if !source.isText, name.hasSuffix(".txt") {
          throw source.fault(use.line, "'\(name)' is text, which a page has nothing of")
        }
      }
    }
    try TemplateRings(all).check()
    names = Set(templates.keys)
    texts = MustacheLibrary(templates: templates)
    pages = MustacheLibrary(templates: templates.filter { !$0.key.hasSuffix(".txt") })
  }

  /// A template of these, filled.
  func filled(_ name: String, _ values: Any) -> String {
    (name.hasSuffix(".txt") ? texts : pages).render(values, withTemplate: name) ?? ""
  }
}
