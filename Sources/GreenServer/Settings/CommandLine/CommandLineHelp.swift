/// What `--help` and `--help-all` answer, made from the table of settings.
enum CommandLineHelp {
  /// What most people come for, on one screen: the settings that most set, and examples.
  static func text(program: String) -> String {
    let host = ServerSettings.hostsPython
    var text = (host ? usageOfHost(program) : usageOfServer(program)) + "\n"
    for name in common {
      if let setting = ServerSettings.named(name) { text += entry(flags(setting), brief(setting)) }
    }
    text += entry("-c, --config FILE", "A file of settings.")
    text += entry("--check-config", "Check the settings, and end.")
    text += "\nExamples:\n"
    text += examples(program: program, hostsPython: host).split(separator: "\n").map { "  \($0)\n" }.joined()
    return text + "\nAll \(ServerSettings.all.count) settings: \(program) --help-all\n"
  }

  /// Every option.
  static func whole(program: String) -> String {
    var text = ServerSettings.hostsPython ? usageOfHost(program) : usageOfServer(program)
    for group in ServerSettings.groups {
      text += "\n\(group.title):\n"
      for setting in group.settings { text += entry(flags(setting), describe(setting)) }
    }
    text += "\nThis program:\n"
    for (flags, meaning) in switches(hostsPython: ServerSettings.hostsPython) { text += entry(flags, meaning) }
    text += "\nVariables:\n"
    text += entry("$\(OptionsInEnvironment.variable)", "Options, as on the command line, which wins over them.")
    return text
  }

  /// Options that are not settings.
  static func switches(hostsPython host: Bool) -> [(flags: String, meaning: String)] {
    let (kinds, standard) = host ? (".py, ", "gunicorn.conf.py, ") : ("", "")
    return [
      (
        "-c, --config FILE",
        "A file of settings, \(kinds).json or .toml; an option wins over the environment, and that over the file. "
          + "(default: \(standard)greenfinch.json or greenfinch.toml where there is one)"
      ),
      (
        "--check-config",
        host ? "Check the settings, load the application, and end." : "Check the settings, and end."
      ),
      ("--print-config[=json]", "Show every setting with its value and where that is from, and end; as JSON if asked."),
      ("-v, --version", "Show the version, and end."),
      ("-h, --help", "Show the settings that most set, and end."), ("--help-all", "Show every setting, and end."),
    ]
  }

  /// What most set.
  private static let common = [
    "bind", "workers", "worker_class", "worker_connections", "threads", "timeout", "graceful_timeout", "keepalive",
    "accesslog", "loglevel", "certfile", "keyfile", "reload", "control_socket",
  ]

  static func examples(program: String, hostsPython: Bool) -> String {
    let command = hostsPython ? "\(program) module:app" : program
    return """
      \(command) -w 2 -k green --worker-connections 1000
      \(command) -b 0.0.0.0:8443 --certfile cert.pem --keyfile key.pem
      \(command) -c greenfinch.json --print-config
      """
  }

  private static func usageOfServer(_ program: String) -> String {
    """
    Serves this application over HTTP.

    Usage: \(program) [serve] [options]
           \(program) routes | check [options]
           \(program) ctl --help

    """
  }

  private static func usageOfHost(_ program: String) -> String {
    """
    Serves an application in Python over HTTP; ctl asks and orders a running server at its --control-socket.

    Usage: \(program) MODULE:NAME [options]
           \(program) ctl --help
           \(program) new --help

    """
  }

  private static func flags(_ setting: any AnyServerSetting) -> String {
    setting.flags.joined(separator: ", ") + " " + setting.valueName
  }

  private static func describe(_ setting: any AnyServerSetting) -> String {
    let variable = setting.variable.map { "$\($0.name) or " } ?? ""
    return "\(setting.help) (default: \(variable)\(setting.standardText))"
  }

  /// The words that may be written, where they are few; else the first sentence of the meaning, up to where it goes into
  /// particulars.
  private static func brief(_ setting: any AnyServerSetting) -> String {
    let choices = Completion.choices(in: setting.words)
    let first = setting.help.prefix { $0 != ";" && $0 != ":" && $0 != "(" }
    let sentence = first.split(separator: ".", maxSplits: 1).first.map(String.init) ?? setting.help
    let meaning = choices.isEmpty || setting.bareValue != nil ? sentence : choices.joined(separator: ", ")
    return meaning + (setting.standardText.isEmpty ? "" : " (\(setting.standardText))")
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
