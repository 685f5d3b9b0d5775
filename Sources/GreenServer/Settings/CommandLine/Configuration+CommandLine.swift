import CProcess
import Glibc
import Green

/// Why a command line leads to no server: a text for the person, where it goes, and the exit status.
struct CommandLineStop: Error, Equatable, CustomStringConvertible {
  var text: String
  var status: Int32

  /// `--help` and the like are answers, the rest are complaints.
  var isAnswer: Bool { status == 0 }

  /// The text alone, as it follows another.
  var description: String { text.hasPrefix("Error: ") ? String(text.dropFirst("Error: ".count)) : text }
}

extension Configuration {
  /// Reads a command line, without the program's name. From lowest to highest: what `self` has, the file of settings, the
  /// variables of the environment, the options in the environment, those of the command line.
  ///
  /// As gunicorn has it, a line that cannot be read ends with status 2, and a value with which no server can run
  /// with 1. Names of files are of `folder`, or of the working directory where it is empty.
  func reading(
    _ arguments: [String], environment: (String) -> String?, formats: [ConfigurationFormat] = [],
    folder: String = ""
  ) throws(CommandLineStop) -> Configuration {
    let name = String(cString: cprocess_image_name())
    let line: CommandLineReader
    let inEnvironment: [OptionsInEnvironment]
    do throws(CommandLineFault) {
      line = try CommandLineReader(arguments)
      inEnvironment = try OptionsInEnvironment.read(environment)
    } catch {
      throw CommandLineStop(text: "\(name): error: \(error.text)", status: 2)
    }
    let switches = inEnvironment.reduce(line.switches) { $0.union($1.line.switches) }
    if !switches.isDisjoint(with: [.help, .shortHelp]) {
      throw CommandLineStop(text: CommandLineHelp.text(program: name), status: 0)
    }
    if switches.contains(.wholeHelp) { throw CommandLineStop(text: CommandLineHelp.whole(program: name), status: 0) }
    if !switches.isDisjoint(with: [.version, .shortVersion]) {
      throw CommandLineStop(text: "greenfinch \(PreforkServer.version)", status: 0)
    }
    let configuration = try reading(line, inEnvironment, environment, formats, folder, program: name)
    if switches.contains(.printJSON) { throw CommandLineStop(text: configuration.json, status: 0) }
    if switches.contains(.printConfig) { throw CommandLineStop(text: configuration.table, status: 0) }
    if switches.contains(.checkConfig) {
      throw CommandLineStop(text: configuration.notices.joined(separator: "\n"), status: 0)
    }
    return configuration
  }

  private func reading(
    _ line: CommandLineReader, _ inEnvironment: [OptionsInEnvironment], _ environment: (String) -> String?,
    _ formats: [ConfigurationFormat], _ folder: String, program: String
  ) throws(CommandLineStop) -> Configuration {
    var configuration = self
    do {
      let named = line.file ?? inEnvironment.compactMap(\.line.file).last
      if let file = try named ?? Self.standardFile(formats, folder) {
        try configuration.read(file: file, in: folder, formats: formats)
        if ServerSettings.hostsPython {
          try ServerSettings.python.configurationFile.set([file], from: .file(file), in: &configuration)
        }
      }
      for setting in ServerSettings.all {
        guard let variable = setting.variable, let text = environment(variable.name), !text.isEmpty else { continue }
        try configuration.take([variable.text(text)], for: setting, from: .environment, as: text)
      }
      for options in inEnvironment {
        configuration.notices += options.notices
        try configuration.take(options.line, from: .arguments(in: options.variable))
      }
      try configuration.take(line, from: .commandLine)
      try configuration.enterFolder(from: folder)
      try configuration.validate()
    } catch let error as ConfigurationError where error.isUnreadable && error.setting.hasPrefix("-") {
      throw CommandLineStop(text: "\(program): error: \(error)", status: 2)
    } catch {
      throw CommandLineStop(text: "Error: \(error)", status: 1)
    }
    return configuration
  }

  private mutating func take(_ line: CommandLineReader, from source: ConfigurationSource) throws(ConfigurationError) {
    for (setting, texts) in line.given { try setting.set(texts, from: source, in: &self) }
    for (setting, flag, text) in line.foreign {
      var place = flag
      if case .arguments(let variable) = source { place = "\(variable): \(flag)" }
      if let notice = try setting.notice(of: [text], at: place) { notices.append(notice) }
    }
  }

  /// As ``AnyServerSetting/set(_:from:in:)``, whose complaint shows what the person wrote.
  private mutating func take(
    _ texts: [String], for setting: any AnyServerSetting, from source: ConfigurationSource, as written: String
  ) throws(ConfigurationError) {
    do throws(ConfigurationError) {
      try setting.set(texts, from: source, in: &self)
    } catch {
      throw error.about(written)
    }
  }

  /// `greenfinch.json` and its like, where one is in the working directory.
  private static func standardFile(
    _ formats: [ConfigurationFormat], _ folder: String
  ) throws(ConfigurationFileError) -> String? {
    let found = formats.map(\.standardName).filter { access(path($0, in: folder), F_OK) == 0 }
    if found.count > 1 {
      throw ConfigurationFileError(
        description: "there are \(found.joined(separator: " and ")): say by -c which is to be read.")
    }
    return found.first
  }

  /// This program's settings: its own, the file of settings, the environment and the command line, of which the later wins.
  /// Ends the process for `--help` and its like and, with one sentence on standard error, for what is wrong.
  ///
  /// - Parameters:
  ///   - own: the program's own settings.
  ///   - formats: how files of settings may be written.
  ///   - parts: words that may follow `serve`, and say what is served: ``part(of:)``.
  public static func fromCommandLine(
    _ own: Configuration = Configuration(), formats: [ConfigurationFormat] = [], parts: Set<String> = []
  ) -> Configuration {
    do {
      if let settings = InheritedSettings.own { return try own.taking(over: settings) }
      let folder = WorkingFolder.start
      if let words = CommandWord.control.rest(of: ownArguments) {
        exit(
          ControlTool.run(words) { () throws(ControlFault) -> String? in
            do throws(CommandLineStop) {
              return try own.reading([], environment: ownVariable, formats: formats, folder: folder).controlSocket
            } catch {
              throw ControlFault("the server's settings cannot be read: \(error)")
            }
          })
      }
      return try SettingsReading.begin { () throws(CommandLineStop) in
        try own.reading(
          Array(CommandWord.options(in: ownArguments, parts: parts)), environment: ownVariable, formats: formats,
          folder: folder)
      }
    } catch {
      let text = error.text.isEmpty || error.text.hasSuffix("\n") ? error.text : error.text + "\n"
      writeAll(text, to: error.isAnswer ? STDOUT_FILENO : STDERR_FILENO)
      exit(error.status)
    }
  }

  private static func ownVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// Which of the parts the command line asks to be served, as `jobs` in `serve jobs -w 2`; `nil` for the program
  /// itself. The same in the master and in its workers.
  public static func part(of parts: Set<String>) -> String? { CommandWord.part(in: ownArguments, of: parts) }

  /// Whether the command line asks what routes there are, and for no server.
  package static var asksForRoutes: Bool { CommandWord.routes.rest(of: ownArguments) != nil }

  /// Whether the command line asks if the program is set up rightly, and for no server.
  package static var asksForCheck: Bool { CommandWord.check.rest(of: ownArguments) != nil }

  private func taking(over text: String) throws(CommandLineStop) -> Configuration {
    var configuration = self
    do throws(ConfigurationError) {
      try InheritedSettings.read(text, into: &configuration)
    } catch {
      throw CommandLineStop(text: "Error: \(error)", status: 1)
    }
    return configuration
  }

  /// As they were before `main`, without the program's name: Swift reads its own from /proc, which not every container has.
  package static var ownArguments: [String] {
    guard var next = cprocess_image_arguments(), next.pointee != nil else { return [] }
    var arguments: [String] = []
    next += 1
    while let argument = next.pointee {
      arguments.append(String(cString: argument))
      next += 1
    }
    return arguments
  }
}
