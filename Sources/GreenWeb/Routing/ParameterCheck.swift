internal import FoundationEssentials

/// What a parameter of a path must be a valid value of: what the handler takes, or what the pattern says, `{id:int}`.
struct ParameterCheck: Sendable {
  /// The type's name, which tells two checks apart.
  let name: String
  let accepts: @Sendable (String) -> Bool

  /// The check of a type that a handler takes; `nil` for one that every text is a value of.
  init?(_ type: any PathValue.Type) {
    if type == String.self { return nil }
    name = String(reflecting: type)
    accepts = { Self.isValid($0, type) }
  }

  private static func isValid<Value: PathValue>(_ text: String, _ type: Value.Type) -> Bool {
    Value.from(pathValue: text) != nil
  }

  /// The type of a name in a pattern; `nil` for one that is not known.
  static func type(named name: Substring) -> (any PathValue.Type)? {
    switch name {
    case "int": Int.self
    case "double": Double.self
    case "bool": Bool.self
    case "string": String.self
    case "uuid": UUID.self
    default: nil
    }
  }

  /// The names that a pattern may have.
  static let names = "int, double, bool, string, uuid"
}
