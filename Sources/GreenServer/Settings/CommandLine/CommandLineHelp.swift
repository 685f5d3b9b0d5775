/// What `--help` answers, made from the table of settings.
enum CommandLineHelp {
  static func text(program: String) -> String {
    var text = ServerSettings.hostsPython ? usageOfHost(program) : usageOfServer(program)
    for group in ServerSettings.groups {
      text += "\n\(group.title):\n"
      for setting in group.settings { text += entry(flags(setting), describe(setting)) }
    }
    text += "\nThis program:\n"
    let (kinds, standard) = ServerSettings.hostsPython ? (".py, ", "gunicorn.conf.py, ") : ("", "")
    text += entry(
      "-c, --config FILE",
      "A file of settings, \(kinds).json or .toml; an option wins over the environment, and that over the file. "
        + "(default: \(standard)greenfinch.json or greenfinch.toml where there is one)")
    text += entry(
      "--check-config",
      ServerSettings.hostsPython ? "Check the settings, load the application, and end." : "Check the settings, and end."
    )
    text += entry(
      "--print-config[=json]", "Show every setting with its value and where that is from, and end; as JSON if asked.")
    text += entry("-v, --version", "Show the version, and end.")
    text += entry("-h, --help", "Show this, and end.")
    text += "\nVariables:\n"
    text += entry("$\(OptionsInEnvironment.variable)", "Options, as on the command line, which wins over them.")
    return text
  }

  private static func usageOfServer(_ program: String) -> String {
    """
    Serves this application over HTTP.

    Usage: \(program) [serve] [options]
           \(program) routes
           \(program) ctl --help

    """
  }

  private static func usageOfHost(_ program: String) -> String {
    """
    Serves an application in Python over HTTP; ctl asks and orders a running server at its --control-socket.

    Usage: \(program) MODULE:NAME [options]
           \(program) ctl --help

    """
  }

  private static func flags(_ setting: any AnyServerSetting) -> String {
    setting.flags.joined(separator: ", ") + " " + setting.valueName
  }

  private static func describe(_ setting: any AnyServerSetting) -> String {
    let variable = setting.variable.map { "$\($0.name) or " } ?? ""
    return "\(setting.help) (default: \(variable)\(setting.standardText))"
  }

  private static let indent = 26
  private static let width = 80

  /// Flags at the left, their meaning beside or below them.
  private static func entry(_ flags: String, _ meaning: String) -> String {
    let margin = String(repeating: " ", count: indent)
    let lines = wrapped(meaning, to: width - indent).map { margin + $0 + "\n" }
    let left = "  " + flags
    guard left.count + 2 <= indent, let first = lines.first else { return left + "\n" + lines.joined() }
    return left + first.dropFirst(left.count) + lines.dropFirst().joined()
  }

  private static func wrapped(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
