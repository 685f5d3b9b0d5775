/// Text for `man(1)`, in the macros of `man(7)`.
enum Roff {
  /// Words as they are: nothing of them is taken for a command, and a dash can be copied as an option's.
  static func plain(_ text: String) -> String {
    var plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    if plain.hasPrefix(".") || plain.hasPrefix("'") { plain = "\\&" + plain }
    return plain
  }

  static func header(_ name: String, section: Int) -> String {
    let version = PreforkServer.version
    let manual = section == 1 ? "User Commands" : "File Formats"
    return """
      .\\" Made of the table of settings: GREENFINCH_WRITE_PAGES=1 swift test --filter ManualTests
      .TH \(plain(name.uppercased())) \(section) "" "greenfinch \(version)" "\(manual)"

      """
  }

  static func heading(_ title: String) -> String { ".SH \(title)\n" }

  static func subheading(_ title: String) -> String { ".SS \(title)\n" }

  static func paragraph(_ text: String) -> String { ".PP\n\(plain(text))\n" }

  /// What is explained, in bold, and below it the explanation.
  static func entry(_ name: String, _ meaning: String) -> String { ".TP\n.B \(plain(name))\n\(plain(meaning))\n" }

  /// Lines that stay as they are.
  static func example(_ text: String) -> String { ".PP\n.nf\n.RS 4\n\(lines(text))\n.RE\n.fi\n" }

  private static func lines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { plain(String($0)) }.joined(separator: "\n")
  }
}
