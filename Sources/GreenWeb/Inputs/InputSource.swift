/// What a ``HandlerInput`` is made of.
public enum InputSource: Sendable {
  /// A parameter of the path.
  case path(any PathValue.Type)
  /// The query's fields.
  case query(any (Decodable & SendableMetatype).Type)
  /// The body, as JSON or a form.
  case body(any (Decodable & SendableMetatype).Type)
  /// The request as a whole.
  case request
}
