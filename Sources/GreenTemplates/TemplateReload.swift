/// When templates are read again.
public enum TemplateReload: Sendable, Hashable {
  /// Where the program runs with `--debug`: before each page the folder is looked at, and read again if anything in it
  /// has changed.
  case inDevelopment
  /// Before each page, wherever it runs.
  case always
  /// Never: they are those that were there at the start.
  case never
}
