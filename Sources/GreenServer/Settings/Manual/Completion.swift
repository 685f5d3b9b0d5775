/// What a shell may offer after an option, from the table of settings.
enum Completion {
  enum Values: Equatable {
    /// The option stands alone.
    case none
    case files
    case folders
    case words([String])
    /// What nobody can guess.
    case anything
  }

  /// An option as shells know it: all its spellings, its meaning, and its value.
  struct Option {
    var flags: [String]
    var meaning: String
    var values: Values
  }

  static var options: [Option] {
    let settings = ServerSettings.everyGroup.flatMap(\.settings).filter { !$0.flags.isEmpty }
    let switches = CommandLineHelp.switches(hostsPython: true).map { flags, meaning in
      let spelled = flags.split(separator: ",").map { flag in
        String(flag.drop { $0 == " " }.prefix { $0 != " " && $0 != "[" })
      }
      return Option(flags: spelled, meaning: brief(meaning), values: flags.hasSuffix("FILE") ? .files : .none)
    }
    return settings.map { Option(flags: $0.flags, meaning: brief($0.help), values: values(of: $0)) } + switches
  }

  static let controlWords = ControlRequest.Verb.allCases.map { ($0.rawValue, brief($0.help.meaning)) }

  private static func values(of setting: any AnyServerSetting) -> Values {
    switch setting.valueName {
    case "": return .none
    case "FILE", "PATH": return .files
    case "DIRECTORY", "DIRECTORIES": return .folders
    default:
      let choices = choices(in: setting.words)
      return choices.isEmpty ? .anything : .words(choices)
    }
  }

  /// The words of "sync, green (or gevent) or thread"; none where not all that may be written is named.
  static func choices(in words: String) -> [String] {
    var depth = 0
    let plain = words.filter { character in
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      return depth == 0 && character != ")"
    }
    let pieces = plain.replacing(" or ", with: ", ").split(separator: ",").map { piece in
      piece.split(separator: " ").joined(separator: " ")
    }
    let areWords = pieces.allSatisfy { piece in
      !piece.isEmpty && piece.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" || $0 == "." }
    }
    return areWords && pieces.count > 1 ? pieces : []
  }

  /// The first sentence or half of one, without what a shell would take for its own.
  private static func brief(_ help: String) -> String {
    let first = help.prefix { $0 != ";" && $0 != ":" && $0 != "." && $0 != "(" }
    return String(first).filter { !"'\"`$\\[]".contains($0) }.split(separator: " ").joined(separator: " ")
  }
}
