internal import Mustache

/// Templates that have been found to be in order.
struct TemplateSet: Sendable {
  let library: MustacheLibrary
  let names: Set<String>

  /// - Throws: ``TemplateError`` where one is malformed, has another in it that is not there, or has itself in it without end.
  init(_ sources: [TemplateSource]) throws(TemplateError) {
    var templates: [String: MustacheTemplate] = [:]
    for source in sources {
      let parsed = try source.parsed()
      if templates.updateValue(parsed, forKey: source.name) != nil {
        throw TemplateError("\(source.path): there are two templates '\(source.name)'")
      }
    }
    names = Set(templates.keys)
    library = MustacheLibrary(templates: templates)
    var always: [String: [TemplateSource.Use]] = [:]
    for source in sources {
      let uses = source.uses
      for use in uses where templates[use.name] == nil {
        throw source.fault(use.line, "there is no template '\(use.name)'")
      }
      // Text in a page would not be escaped.
      if !source.isText, let use = uses.first(where: { $0.name.hasSuffix(".txt") }) {
        throw source.fault(use.line, "'\(use.name)' is text, which a page has nothing of")
      }
      always[source.name] = uses.filter { !$0.isConditional }
    }
    for source in sources { try Self.checkEnd(of: source, always) }
  }

  /// A template that has itself in it, whatever the values are, would never end.
  private static func checkEnd(of source: TemplateSource, _ uses: [String: [TemplateSource.Use]]) throws(TemplateError)
  {
    var known: Set<String> = []
    for use in uses[source.name] ?? [] {
      var next = [use.name]
      while let name = next.popLast() {
        if name == source.name { throw source.fault(use.line, "'\(source.name)' has itself in it, without end") }
        if known.insert(name).inserted { next += (uses[name] ?? []).map(\.name) }
      }
    }
  }
}
