internal import GreenWeb
internal import Mustache

/// What is put into pages: escaped by ``/GreenWeb/HTML``, byte by byte. Mustache's own way goes by characters, of which
/// a quote with a mark that combines with it is another than a quote, and is not escaped: it would end an attribute.
struct EscapedContent: MustacheContentType {
  func escapeText(_ text: String) -> String { ("\(text)" as HTML).text }

  /// The name that templates ask for it by; known from then on.
  static let name: String = {
    MustacheContentTypes.register(EscapedContent(), named: "GREENFINCH_HTML")
    return "GREENFINCH_HTML"
  }()
}
