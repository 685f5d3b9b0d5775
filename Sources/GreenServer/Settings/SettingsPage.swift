extension ServerSettings {
  /// The table of the documentation, in Markdown.
  static var page: String {
    var page = ""
    for group in groups {
      page += "## \(group.title)\n\n"
      page += "| setting | option | variable | default | what may be written | beside gunicorn | since |\n"
      page += "| --- | --- | --- | --- | --- | --- | --- |\n"
      for setting in group.settings { page += row(setting) }
      page += "\n" + group.settings.map { "`\($0.name)`: \($0.help)\n" }.joined(separator: "\n") + "\n"
    }
    return page
  }

  private static func row(_ setting: any AnyServerSetting) -> String {
    let gunicorn =
      switch setting.gunicorn {
      case .same: "the same"
      case .differs(let how): how
      case .none: "gunicorn has none"
      }
    let standard = setting.standardText
    let cells = [
      "`\(setting.name)`", setting.flags.map { "`\($0)`" }.joined(separator: ", "),
      setting.variable.map { "`\($0.name)`" } ?? "", standard.isEmpty ? "none" : "`\(standard)`", setting.words,
      gunicorn, setting.since,
    ]
    return "| " + cells.joined(separator: " | ") + " |\n"
  }
}
