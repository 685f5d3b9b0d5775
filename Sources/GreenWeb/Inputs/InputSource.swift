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

extension InputSource {
  /// What the inputs of a handler are made of, in their order.
  @usableFromInline
  static func all<each Input: HandlerInput>(of types: repeat (each Input).Type) -> [InputSource] {
    var sources: [InputSource] = []
    for type in repeat each types { sources.append(type.source) }
    return sources
  }
}

extension [InputSource] {
  /// How many of them are parameters of the path.
  @usableFromInline
  var pathInputs: Int { count { if case .path = $0 { true } else { false } } }
}
