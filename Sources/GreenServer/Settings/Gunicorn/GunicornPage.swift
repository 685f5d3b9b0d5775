extension GunicornSettings {
  /// The tables of the documentation, in Markdown.
  static var page: String {
    groups.map { group in
      "## \(group.title)\n\n| setting | option | here |\n| --- | --- | --- |\n"
        + group.settings.map(\.row).joined()
    }.joined(separator: "\n")
  }
}

extension GunicornSetting {
  fileprivate var row: String {
    let setting = ServerSettings.named(name)
    let flags = (setting?.flags ?? flags).map { "`\($0)`" }.joined(separator: ", ")
    return "| `\(name)` | \(flags) | \(here(setting)) |\n"
  }

  private func here(_ setting: (any AnyServerSetting)?) -> String {
    if let setting {
      switch setting.gunicorn {
      case .same: return "the same"
      case .differs(let how): return "different: \(how)"
      case .none: return "another setting of that name"
      }
    }
    switch fate {
    case .known: preconditionFailure("\(name) is not in the table of settings")
    case .changesNothing(let why): return "may be written, and changes nothing: \(why)"
    case .hasNoMeaning(let why): return "no meaning here: \(why)"
    }
  }
}
