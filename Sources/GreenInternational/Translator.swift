/// Says things in one language.
///
/// ```swift
/// let say = catalogues.translator(for: request)
/// say("Hello, {name}!", ["name": user.name])
/// say("{count} note", "{count} notes", count: notes.count)
/// ```
///
/// What is not translated is said as it is. A text that is put into ``/GreenWeb/HTML`` is escaped there, its values with it.
public struct Translator: Sendable {
  /// The language: `de`, `pt-BR`.
  public let language: String
  let catalogue: Catalogue?

  /// A text in this language, with values in the places of their names.
  ///
  /// - Parameters:
  ///   - text: what the program says, and translators know.
  ///   - values: what stands for `{name}`.
  ///   - context: tells texts apart that are the same and mean different things.
  public func callAsFunction(_ text: String, _ values: [String: String] = [:], context: String? = nil) -> String {
    Placeholders.filled(catalogue?.text(text, context: context) ?? text, values)
  }

  /// A text about a number of things, in the form that goes with the number. `{count}` stands for the number.
  public func callAsFunction(
    _ one: String, _ many: String, count: Int, _ values: [String: String] = [:], context: String? = nil
  ) -> String {
    let own = PluralRule.standard.form(for: count) == 0 ? one : many
    let text = catalogue?.text(one, count: count, context: context) ?? own
    return Placeholders.filled(text, values.merging(["count": "\(count)"]) { given, _ in given })
  }
}
