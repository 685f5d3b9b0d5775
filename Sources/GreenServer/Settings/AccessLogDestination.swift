/// Where the access log goes.
public enum AccessLogDestination: Sendable, Equatable {
  /// Standard output, `-` on the command line.
  case standardOutput
  /// A file, to whose end lines are added.
  case file(String)

  init(argument: String) { self = argument == "-" ? .standardOutput : .file(argument) }
}
