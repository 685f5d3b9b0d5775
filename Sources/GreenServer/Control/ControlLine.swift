/// The command line of `ctl`.
struct ControlLine: Equatable {
  private(set) var socket: String?
  private(set) var words: [String] = []
  private(set) var isJSON = false
  private(set) var wantsHelp = false
  /// Seconds.
  private(set) var interval = 1.0
  private(set) var count: Int?

  /// What the server is asked.
  var request: String { (words + (isJSON ? ["--json"] : [])).joined(separator: " ") }

  /// Throws what is wrong.
  init(_ arguments: [String]) throws(ControlFault) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch Self.option(in: argument) {
      case "-h", "--help": wantsHelp = true
      case "--json": isJSON = true
      case "-s", "--socket", "--control-socket": socket = try Self.value(of: argument, &rest)
      case "-i", "--interval":
        let text = try Self.value(of: argument, &rest)
        guard let seconds = Double(text), (0.1...3600).contains(seconds) else {
          throw ControlFault("'\(text)' is not a number of seconds from 0.1 to 3600", isOfUsage: true)
        }
        interval = seconds
      case "-n", "--count":
        let text = try Self.value(of: argument, &rest)
        guard let number = Int(text), number > 0 else {
          throw ControlFault("'\(text)' is not a number of looks", isOfUsage: true)
        }
        count = number
      case let option where option.hasPrefix("-"): throw ControlFault("unknown option '\(option)'", isOfUsage: true)
      default: words.append(argument)
      }
    }
    guard words.isEmpty && !wantsHelp else { return }
    let names = ControlRequest.Verb.allCases.map(\.rawValue).joined(separator: ", ")
    throw ControlFault("there is no command; there are \(names)", isOfUsage: true)
  }

  /// The option without the value that may be written with it.
  private static func option(in argument: String) -> String {
    argument.hasPrefix("--") ? String(argument.prefix { $0 != "=" }) : argument
  }

  private static func value(of argument: String, _ rest: inout ArraySlice<String>) throws(ControlFault) -> String {
    if argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") {
      return String(argument[argument.index(after: equals)...])
    }
    guard let value = rest.popFirst() else { throw ControlFault("'\(argument)' has no value", isOfUsage: true) }
    return value
  }
}
