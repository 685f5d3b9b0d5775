/// What an application's command line may begin with besides options.
enum CommandWord: String, CaseIterable {
  /// What it does without such a word too.
  case serve
  /// See ``ControlTool``.
  case control = "ctl"
  /// Shows the application's routes.
  case routes
  /// Says whether the application and the settings that follow are right.
  case check

  /// The arguments after the word; `nil` where they do not begin with it.
  func rest(of arguments: [String]) -> [String]? {
    arguments.first == rawValue ? Array(arguments.dropFirst()) : nil
  }

  /// Which part of a program is to be served: the word after `serve`.
  static func part(in arguments: [String], of parts: Set<String>) -> String? {
    serve.rest(of: arguments)?.first.flatMap { parts.contains($0) ? $0 : nil }
  }

  /// The arguments without the words that say what is to be served.
  static func options(in arguments: [String], parts: Set<String>) -> ArraySlice<String> {
    let rest = serve.rest(of: arguments) ?? check.rest(of: arguments) ?? arguments
    return rest.dropFirst(part(in: arguments, of: parts) == nil ? 0 : 1)
  }
}
