internal import FoundationEssentials
internal import GreenWeb

/// The schemas of types, found by decoding them from nothing: every key that a type asks for is noted, and every value
/// that it asks for is made up. Neither macros nor reflection, and nothing at run time unless a document is asked for.
final class SchemaBook {
  /// The schemas of types with keys, by name.
  private(set) var named: [String: JSON] = [:]
  private var names: [ObjectIdentifier: String] = [:]
  /// Those that are being looked at: one that comes again contains itself.
  private var open: Set<ObjectIdentifier> = []
  /// In which form values are sent.
  private let json: JSONOptions

  init(_ json: JSONOptions = JSONOptions()) { self.json = json }

  /// A property's name as it is sent.
  func property(_ name: String) -> String { json.keys == .snakeCase ? SnakeCase.name(name) : name }

  /// The schema of a type: by reference where it has a name.
  func schema(of type: any Decodable.Type) -> JSON { look(at: type).schema }

  /// The schema of a type, and a value of it where one can be made.
  func look<Value: Decodable>(at type: Value.Type) -> (schema: JSON, value: Value?) {
    if let known = Primitives.look(at: type) { return known }
    if json.dates != .iso8601, type == Date.self {
      return (["type": "number"], Date(timeIntervalSince1970: 0) as? Value)
    }
    if let type = type as? any SchemaProviding.Type { return (type.schema, sample(of: type) as? Value) }
    if let type = type as? any ListType.Type {
      let inner = type.elementType.map { schema(of: $0) } ?? [:]
      return (["type": "array", "items": inner], type.empty as? Value)
    }
    if let type = type as? any DictionaryType.Type {
      let inner = type.valueType.map { schema(of: $0) } ?? [:]
      return (["type": "object", "additionalProperties": inner], type.empty as? Value)
    }
    if let type = type as? any (RawRepresentable & CaseIterable).Type, let found = choice(type) {
      return (found.schema, found.value as? Value)
    }
    if let type = type as? any OptionalType.Type {
      return (type.wrapped.map { schema(of: $0) } ?? [:], type.nothing as? Value)
    }
    return decode(type)
  }

  private func decode<Value: Decodable>(_ type: Value.Type) -> (schema: JSON, value: Value?) {
    let identity = ObjectIdentifier(type)
    if open.contains(identity) { return (reference(to: name(of: type)), nil) }
    open.insert(identity)
    defer { open.remove(identity) }
    let recorder = SchemaRecorder(self)
    let value = try? Value(from: recorder)
    guard recorder.hasKeys else { return (recorder.schema, value) }
    let name = name(of: type)
    named[name] = recorder.schema
    return (reference(to: name), value)
  }

  private func reference(to name: String) -> JSON { ["$ref": .string("#/components/schemas/\(name)")] }

  /// The type's own name; where another has that already, with a number.
  private func name(of type: any Decodable.Type) -> String {
    if let name = names[ObjectIdentifier(type)] { return name }
    let own = "\(type)".map { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "-" ? String($0) : "_" }
      .joined()
    let taken = Set(names.values)
    var name = own
    var number = 2
    while taken.contains(name) {
      name = "\(own)\(number)"
      number += 1
    }
    names[ObjectIdentifier(type)] = name
    return name
  }

  private func sample<Type: SchemaProviding>(of type: Type.Type) -> Any { type.sample }

  private func choice<Type: RawRepresentable & CaseIterable>(_ type: Type.Type) -> (schema: JSON, value: Any)? {
    guard let first = type.allCases.first else { return nil }
    let raw = type.allCases.map { $0.rawValue }
    if let texts = raw as? [String] { return (["type": "string", "enum": .array(texts.map { .string($0) })], first) }
    if let numbers = raw as? [Int] {
      return (["type": "integer", "enum": .array(numbers.map { .integer($0) })], first)
    }
    return nil
  }
}

/// What is known of a list without knowing of what. One of none is a value, also of a type that contains itself.
private protocol ListType {
  static var elementType: (any Decodable.Type)? { get }
  static var empty: Any { get }
}

extension Array: ListType {
  fileprivate static var elementType: (any Decodable.Type)? { Element.self as? any Decodable.Type }
  fileprivate static var empty: Any { [] as Self }
}

extension Set: ListType {
  fileprivate static var elementType: (any Decodable.Type)? { Element.self as? any Decodable.Type }
  fileprivate static var empty: Any { [] as Self }
}

/// What is known of a dictionary without knowing of what.
private protocol DictionaryType {
  static var valueType: (any Decodable.Type)? { get }
  static var empty: Any { get }
}

extension Dictionary: DictionaryType {
  fileprivate static var valueType: (any Decodable.Type)? { Value.self as? any Decodable.Type }
  fileprivate static var empty: Any { [:] as Self }
}

/// What is known of an optional without knowing of what.
private protocol OptionalType {
  static var wrapped: (any Decodable.Type)? { get }
  static var nothing: Any { get }
}

extension Optional: OptionalType {
  fileprivate static var wrapped: (any Decodable.Type)? { Wrapped.self as? any Decodable.Type }
  fileprivate static var nothing: Any { Self.none as Any }
}
