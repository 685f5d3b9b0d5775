/// Markup, written in the language. What is put into it is escaped, unless it is markup itself.
///
/// ```swift
/// func page(_ notes: [Note]) -> HTML {
///   let rows = notes.map { note -> HTML in "<li><a href=\"/notes/\(note.id)\">\(note.title)</a></li>" }
///   return "<!doctype html><title>Notes</title><ul>\(rows)</ul>"
/// }
/// ```
///
/// What may be put in is ``HTMLConvertible``: text, numbers, markup, arrays of them, and `nil`, which is nothing. Where a value
/// stands in an attribute, the attribute has quotes. A value that is an address goes in with `\(url:)`; none belongs into a
/// script or a style sheet, whose rules are others.
public struct HTML: Sendable, Hashable {
  /// The markup.
  public let text: String

  /// Markup that is trusted as it is: nothing is escaped. What a client has sent does not belong here.
  public init(raw text: String) { self.text = text }
}

extension HTML: ExpressibleByStringInterpolation {
  /// Markup as it is written in the program.
  public init(stringLiteral text: String) { self.text = text }

  public init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Puts markup together.
  public struct StringInterpolation: StringInterpolationProtocol {
    var text = ""

    public init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    public mutating func appendLiteral(_ literal: String) { text += literal }

    /// A value, escaped unless it is markup.
    public mutating func appendInterpolation(_ value: some HTMLConvertible) { value.write(to: &text) }

    /// A value; nothing for `nil`.
    public mutating func appendInterpolation(_ value: (some HTMLConvertible)?) { value?.write(to: &text) }

    /// An address for `href`, `src` and `action`. One that has another scheme than `http`, `https` and `mailto` becomes
    /// `#`: it may be a script.
    public mutating func appendInterpolation(url: String) {
      HTMLEscaping.write(URLScheme.isHarmless(url) ? url : "#", to: &text)
    }
  }
}

extension HTML: CustomStringConvertible {
  public var description: String { text }
}
