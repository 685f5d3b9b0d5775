/// How a value is sent.
public enum PostgresParameter: Sendable, Equatable {
  /// No value.
  case null
  /// As SQL would have it between quotes.
  case text(String)
  /// In the type's binary form.
  case binary([UInt8])
}
