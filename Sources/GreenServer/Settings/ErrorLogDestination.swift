/// Where the error log goes.
public enum ErrorLogDestination: Sendable, Equatable {
  /// Standard error, `-` on the command line.
  case standardError
  /// A file, to whose end lines are added.
  case file(String)
}
