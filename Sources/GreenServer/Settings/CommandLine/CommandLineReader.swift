/// Reads a command line by the table of settings: `-w 2`, `-w2`, `--workers 2`, `--workers=2`.
struct CommandLineReader {
  /// What was given for each setting, in the table's order.
  private(set) var given: [(setting: any AnyServerSetting, texts: [String])] = []
  /// The options that are not settings. They take no values.
  private(set) var switches: Set<CommandLineSwitch> = []
  /// The file of settings that was asked for.
  private(set) var file: String?

  /// Throws what is wrong, as it follows `error: `.
  init(_ arguments: [String]) throws(CommandLineFault) {
    var texts: [String: [String]] = [:]
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("-"), argument.count > 1 else {
        throw CommandLineFault("unexpected argument '\(argument)'")
      }
      let option = try Self.split(argument)
      if let known = CommandLineSwitch(rawValue: option.flag) {
        if option.value != nil { throw CommandLineFault("'\(option.flag)' takes no value") }
        switches.insert(known)
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
    for setting in ServerSettings.all {
      if let values = texts[setting.name] { given.append((setting, values)) }
    }
  }

  /// What an option means that needs no value, where none follows it.
  private static func bareValue(of flag: String, before next: String?) -> String? {
    next.map { $0.hasPrefix("-") } ?? true ? ServerSettings.flagged[flag]?.bareValue : nil
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
  case version = "--version"
  case shortVersion = "-v"
  case checkConfig = "--check-config"
  case printConfig = "--print-config"
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
  static let flags = flagged.keys.sorted() + CommandLineSwitch.allCases.map(\.rawValue) + ["-c", "--config"]

  static func isFlag(_ text: String) -> Bool { flags.contains(text) }
}
