/// The manual's page `greenfinch(1)`.
enum CommandManual {
  static var page: String {
    var page = Roff.header("greenfinch", section: 1)
    page += Roff.heading("NAME") + "greenfinch \\- serves applications over HTTP in green workers\n"
    page += Roff.heading("SYNOPSIS")
    page += ".B greenfinch\n.I MODULE:NAME\n.RI [ options ]\n.br\n.B greenfinch ctl\n.RI [ options ]\n.I COMMAND\n"
    page += description
    page += Roff.heading("OPTIONS")
    page += Roff.paragraph("The command line wins over the environment, and that over the file of settings.")
    for group in ServerSettings.everyGroup {
      page += Roff.subheading(group.title)
      for setting in group.settings where !setting.flags.isEmpty { page += entry(setting) }
    }
    page += Roff.subheading("This program")
    for (flag, meaning) in CommandLineHelp.switches(hostsPython: true) { page += Roff.entry(flag, meaning) }
    return page + commands + rest
  }

  private static let description =
    Roff.heading("DESCRIPTION")
    + Roff.paragraph(
      "greenfinch serves a WSGI or ASGI application of Python, unchanged: a master starts workers, replaces them when they die "
        + "or hang, and reloads them without losing a request. With -k green each request runs in a fiber that Python takes for a "
        + "thread, so that what waits lets the others run. An application in Swift takes the same options on its own command line."
    )

  private static func entry(_ setting: any AnyServerSetting) -> String {
    let flags = setting.flags.joined(separator: ", ") + (setting.valueName.isEmpty ? "" : " " + setting.valueName)
    var meaning = setting.help + " What may be written: \(setting.words)."
    if let variable = setting.variable { meaning += " The variable \(variable.name) sets it, too." }
    if !setting.standardText.isEmpty { meaning += " Unless given: \(setting.standardText)." }
    return Roff.entry(flags, meaning)
  }

  private static var commands: String {
    Roff.heading("COMMANDS OF CTL")
      + Roff.paragraph("They ask and order a running server at its --control-socket.")
      + ControlRequest.Verb.allCases.map { verb in
        let (argument, meaning) = verb.help
        return Roff.entry(argument.isEmpty ? verb.rawValue : "\(verb.rawValue) \(argument)", meaning)
      }.joined()
  }

  private static let rest =
    Roff.heading("SIGNALS")
    + [
      ("TERM", "Stop when the requests in progress have ended, after --graceful-timeout at the latest."),
      ("INT, QUIT", "Stop at once."),
      ("HUP", "Replace the workers, with the program and the settings that are there now."),
      ("TTIN, TTOU", "Add a worker; take one away."), ("USR1", "Open the logs again."),
      ("USR2", "Start the program that is on disk now as another master, with the same sockets."),
    ].map(Roff.entry).joined()
    + Roff.heading("EXIT STATUS")
    + [
      ("0", "It was stopped, or has answered."),
      ("1", "A value with which no server can run, or an address that cannot be listened at."),
      ("2", "A command line that cannot be read."), ("3", "No worker could start."),
    ].map(Roff.entry).joined()
    + Roff.heading("ENVIRONMENT")
    + Roff.entry("$\(OptionsInEnvironment.variable)", "Options, as on the command line, which wins over them.")
    + Roff.heading("FILES")
    + Roff.entry(
      "gunicorn.conf.py, greenfinch.json, greenfinch.toml",
      "Read from the working directory where there is one; see greenfinch.toml(5).")
    + Roff.heading("EXAMPLES")
    + Roff.example(CommandLineHelp.examples(program: "greenfinch", hostsPython: true))
    + Roff.heading("SEE ALSO") + ".BR greenfinch.toml (5)\n"
}
