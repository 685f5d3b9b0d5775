/// How lines of the logs are written.
public enum LogFormat: String, Sendable, CaseIterable {
  /// As gunicorn writes them.
  case text
  /// An object of JSON each.
  case json
}
