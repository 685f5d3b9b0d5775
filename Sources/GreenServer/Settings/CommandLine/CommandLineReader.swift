/// Reads a command line by the table of settings: `-w 2`, `-w2`, `--workers 2`, `--workers=2`.
struct CommandLineReader {
  /// What was given for each setting, in the table's order.
  private(set) var given: [(setting: any AnyServerSetting, texts: [String])] = []
  /// The options that are not settings. They take no values.
  private(set) var switches: Set<CommandLineSwitch> = []
  /// The file of settings that was asked for.
  private(set) var file: String?
  /// gunicorn's options that are no settings here, as they were written, with their values.
  private(set) var foreign: [(setting: GunicornSetting, flag: String, text: String)] = []

  /// Throws what is wrong, as it follows `error: `.
  init(_ arguments: [String]) throws(CommandLineFault) {
    var texts: [String: [String]] = [:]
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("-"), argument.count > 1 else {
        if ServerSettings.hostsPython, texts[ServerSettings.python.application.name] == nil {
          texts[ServerSettings.python.application.name] = [argument]
          continue
        }
        throw CommandLineFault("unexpected argument '\(argument)'")
      }
      let option = try Self.split(argument)
      if let known = CommandLineSwitch(rawValue: option.flag) {
        try take(known, option.value)
        continue
      }
      if let setting = GunicornSettings.foreign(flag: option.flag) {
        foreign.append((setting, option.flag, try Self.value(of: setting, option, &rest)))
        continue
      }
      // A value may begin with a dash, so that `-w -1` is told from a missing value.
      guard let value = option.value ?? Self.bareValue(of: option.flag, before: rest.first) ?? rest.popFirst() else {
        throw CommandLineFault("'\(option.flag)' has no value")
      }
      if option.flag == "-c" || option.flag == "--config" {
        file = value
      } else if let setting = ServerSettings.flagged[option.flag] {
        texts[setting.name, default: []].append(value)
      }
    }
    given = ServerSettings.all.compactMap { setting in texts[setting.name].map { (setting, $0) } }
  }

  private mutating func take(_ known: CommandLineSwitch, _ value: String?) throws(CommandLineFault) {
    if known == .printConfig && value == "json" {
      switches.insert(.printJSON)
    } else if value != nil {
      throw CommandLineFault("'\(known.rawValue)' takes no value" + (known == .printConfig ? " but 'json'" : ""))
    } else {
      switches.insert(known)
    }
  }

  private static func value(
    of setting: GunicornSetting, _ option: (flag: String, value: String?), _ rest: inout ArraySlice<String>
  ) throws(CommandLineFault) -> String {
    if let value = option.value { return value }
    // Only the switch for sendfile turns something off.
    if !setting.takesValue { return "true" }
    guard let value = rest.popFirst() else { throw CommandLineFault("'\(option.flag)' has no value") }
    return value
  }

  /// What an option means that needs no value, where none follows it: another word may be what is to be served.
  private static func bareValue(of flag: String, before next: String?) -> String? {
    guard let setting = ServerSettings.flagged[flag], let bare = setting.bareValue else { return nil }
    if let next, setting.canRead(next) { return nil }
    return bare
  }

  /// The flag, and the value where it is written with it.
  private static func split(_ argument: String) throws(CommandLineFault) -> (flag: String, value: String?) {
    if ServerSettings.isFlag(argument) { return (argument, nil) }
    if let equals = argument.firstIndex(of: "="), case let flag = String(argument[..<equals]),
      ServerSettings.isFlag(flag)
    {
      return (flag, String(argument[argument.index(after: equals)...]))
    }
    let short = String(argument.prefix(2))
    if !argument.hasPrefix("--"), ServerSettings.isFlag(short) { return (short, String(argument.dropFirst(2))) }
    let flag = String(argument.prefix { $0 != "=" })
    let nearest = nearest(to: flag, among: ServerSettings.flags)
    throw CommandLineFault("unknown option '\(flag)'" + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
  }
}

/// An option that is not a setting, and takes no value.
enum CommandLineSwitch: String, CaseIterable {
  case help = "--help"
  case shortHelp = "-h"
  case wholeHelp = "--help-all"
  case version = "--version"
  case shortVersion = "-v"
  case checkConfig = "--check-config"
  case printConfig = "--print-config"
  case printJSON = "--print-config=json"
}

/// Why a command line cannot be read, as it follows `error: `.
struct CommandLineFault: Error {
  let text: String
  init(_ text: String) { self.text = text }
}

extension ServerSettings {
  /// Each setting by each of its flags.
  static let flagged: [String: any AnyServerSetting] = Dictionary(
    uniqueKeysWithValues: all.flatMap { setting in setting.flags.map { ($0, setting) } })

  /// Every flag there is.
  static let flags =
    flagged.keys.sorted() + CommandLineSwitch.allCases.map(\.rawValue) + ["-c", "--config"]
    + GunicornSettings.foreign.flatMap(\.flags)

  static func isFlag(_ text: String) -> Bool { flags.contains(text) }
}
