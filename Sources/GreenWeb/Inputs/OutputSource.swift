/// What a handler returns.
public enum OutputSource: Sendable {
  /// What converts itself to a response.
  case convertible(any ResponseConvertible.Type)
  /// What is sent as JSON.
  case json(any (Encodable & SendableMetatype).Type)
}
