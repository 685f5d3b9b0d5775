/// Finds the templates that have themselves in them, by others or not.
///
/// Such a one may have no end, which no section around it rules out: where a value is missing, Mustache takes the one of
/// that name that lies further out, and so gets to the same list again and again. The package fills templates without
/// a limit to the depth, and a stack that overflows ends the worker.
///
/// The same holds for a block that is filled with itself: what fills a block of a layout fills all of that name in the
/// templates below, those in the filling too.
struct TemplateRings {
  private typealias Part = TemplateSource.Part
  /// Something that a part has in it, and where that is said.
  private struct Step {
    let part: Part
    let source: TemplateSource
    let line: Int
  }

  private let sources: [(source: TemplateSource, uses: [TemplateSource.Use])]
  private let uses: [String: [TemplateSource.Use]]

  /// - Parameter sources: templates of different names.
  init(_ sources: [(source: TemplateSource, uses: [TemplateSource.Use])]) {
    self.sources = sources
    uses = Dictionary(uniqueKeysWithValues: sources.map { ($0.source.name, $0.uses) })
  }

  /// - Throws: ``TemplateError`` that names one ring.
  func check() throws(TemplateError) {
    for (source, _) in sources { try check(.template(source.name), steps(from: source.name)) }
  }

  /// What has what in it, where a page is made of a template: blocks are filled by those alone that it has in it.
  private func steps(from name: String) -> [Part: [Step]] {
    var reached: Set<String> = [name]
    var next = [name]
    while let name = next.popLast() {
      for case .template(let name) in (uses[name] ?? []).map(\.part) where reached.insert(name).inserted {
        next.append(name)
      }
    }
    var steps: [Part: [Step]] = [:]
    for (source, uses) in sources where reached.contains(source.name) {
      for use in uses {
        let step = Step(part: use.part, source: source, line: use.line)
        steps[.template(source.name), default: []].append(step)
        for block in Set(use.blocks) { steps[.block(block), default: []].append(step) }
      }
    }
    return steps
  }

  /// Goes all ways from a part. No recursion: it may run on a fiber's stack.
  private func check(_ first: Part, _ steps: [Part: [Step]]) throws(TemplateError) {
    var way: [(part: Part, next: Int)] = [(first, 0)]
    var known: Set<Part> = [first]
    while let (part, next) = way.last {
      guard let steps = steps[part], next < steps.count else {
        way.removeLast()
        continue
      }
      way[way.count - 1].next += 1
      let step = steps[next]
      if known.insert(step.part).inserted {
        way.append((step.part, 0))
      } else if let begin = way.firstIndex(where: { $0.part == step.part }) {
        let ring = way[begin...].map(\.part.description) + [step.part.description]
        throw step.source.fault(
          step.line, "'\(step.part)' has itself in it, which may have no end: \(ring.joined(separator: " > "))")
      }
    }
  }
}
