/// What an application's command line may begin with besides options.
enum CommandWord: String, CaseIterable {
  /// What it does without such a word too.
  case serve
  /// See ``ControlTool``.
  case control = "ctl"
  /// Shows the application's routes.
  case routes

  /// The arguments after the word; `nil` where they do not begin with it.
  func rest(of arguments: [String]) -> [String]? {
    arguments.first == rawValue ? Array(arguments.dropFirst()) : nil
  }
}
