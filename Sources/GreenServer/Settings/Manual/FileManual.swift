/// The manual's page `greenfinch.toml(5)`, on files of settings.
enum FileManual {
  static var page: String {
    var page = Roff.header("greenfinch.toml", section: 5)
    page += Roff.heading("NAME") + "greenfinch.toml, greenfinch.json \\- settings of greenfinch\n"
    page += Roff.heading("DESCRIPTION")
    page += Roff.paragraph(
      "Where one of these files is in the working directory, or is named by -c, the server reads its settings from it. A variable "
        + "of the environment wins over the file, and the command line over both. The names are gunicorn's where gunicorn has the "
        + "setting. A name that does not exist, or a value that is not allowed, is one sentence on standard error, with the line."
    )
    page += Roff.paragraph(
      "Times are seconds, or have a unit, as in \"100ms\"; amounts of memory may, as in \"64K\". Lists are lists.")
    page += Roff.heading("EXAMPLE")
    page += Roff.example(
      """
      workers = 4
      worker_class = "green"
      worker_connections = 1000
      bind = ["127.0.0.1:8000", "unix:/run/app.sock"]
      graceful_timeout = 20
      accesslog = "-"
      """)
    page += Roff.heading("SETTINGS")
    for group in ServerSettings.everyGroup {
      page += Roff.subheading(group.title)
      for setting in group.settings { page += entry(setting) }
    }
    return page + Roff.heading("SEE ALSO") + ".BR greenfinch (1)\n"
  }

  private static func entry(_ setting: any AnyServerSetting) -> String {
    let standard = setting.standardText.isEmpty ? "none" : setting.standardText
    let gunicorn: String =
      switch setting.gunicorn {
      case .same: ""
      case .differs(let how): " Beside gunicorn: \(how)."
      case .none: " gunicorn has none."
      }
    return Roff.entry(
      setting.name, "\(setting.help) What may be written: \(setting.words). Unless given: \(standard).\(gunicorn)")
  }
}
