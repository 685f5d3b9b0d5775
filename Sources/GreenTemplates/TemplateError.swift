/// A template that cannot be used.
public struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Where it is wrong, and what: `templates/notes.mustache:3: …`.
  public let description: String

  init(_ description: String) { self.description = description }
}
