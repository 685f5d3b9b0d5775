/// What a program says, in one language: a gettext catalogue, as translators know it.
public struct Catalogue: Sendable {
  struct Key: Hashable {
    var context: String?
    var id: String
  }

  /// Which form of a word goes with a number.
  public let plurals: PluralRule
  /// The forms of each text: one, where it is about no number.
  let entries: [Key: [String]]

  /// Reads a catalogue: the text of a `.po` file. Translations that are marked as fuzzy, or are empty, are left out.
  ///
  /// - Parameters:
  ///   - text: all of the file.
  ///   - name: what the file is called, for complaints.
  /// - Throws: ``CatalogueError`` where it is malformed, and where a translation has a `{name}` that its original does not have.
  public init(po text: String, name: String = "the catalogue") throws {
    var reader = CatalogueReader(name: name)
    try reader.read(text)
    plurals = try reader.plurals()
    entries = try reader.entries(forms: plurals.count)
  }

  /// How many texts are translated.
  public var count: Int { entries.count }

  func text(_ id: String, context: String?) -> String? { entries[Key(context: context, id: id)]?.first }

  func text(_ id: String, count: Int, context: String?) -> String? {
    guard let forms = entries[Key(context: context, id: id)] else { return nil }
    let form = plurals.form(for: count)
    return form < forms.count ? forms[form] : forms.first
  }
}
