/// A type that says which of its values are valid. What a handler takes as ``Query`` or ``Body`` is validated before the handler is called,
/// and so is what `Request.json(_:)` and `Request.form(_:)` return.
///
/// ```swift
/// struct NewNote: Decodable, Validated {
///   var title: String
///   var start: Int
///   var end: Int
///
///   func validate(_ check: inout Validation) {
///     check("title", title, .count(1...80))
///     check("end", end > start, "must be after 'start'")
///   }
/// }
/// ```
public protocol Validated {
  /// Notes what is wrong with the value. Plain code, so that rules may be about several fields.
  func validate(_ check: inout Validation)
}

/// What is wrong with a value, as far as it has been looked at. See ``Validated``.
public struct Validation: Sendable {
  /// What is wrong.
  public private(set) var errors: [InvalidInput.Field] = []
  private var prefix = ""

  /// Nothing that is wrong.
  public init() {}

  /// Looks at a field by rules.
  ///
  /// - Parameters:
  ///   - field: its name, as clients know it.
  ///   - value: its value.
  ///   - rules: what it must be.
  public mutating func callAsFunction<Value>(_ field: String, _ value: Value, _ rules: Rule<Value>...) {
    for rule in rules where !rule.holds(value) { note(field, rule.message) }
  }

  /// As the one above, of a value that may be missing: then it is not looked at.
  public mutating func callAsFunction<Value>(_ field: String, ifPresent value: Value?, _ rules: Rule<Value>...) {
    guard let value else { return }
    for rule in rules where !rule.holds(value) { note(field, rule.message) }
  }

  /// Notes what is wrong with a field where a condition does not hold.
  public mutating func callAsFunction(_ field: String, _ holds: Bool, _ message: String) {
    if !holds { note(field, message) }
  }

  /// Looks at a value inside the one that is looked at.
  public mutating func callAsFunction(_ field: String, _ value: some Validated) {
    let outer = prefix
    prefix += "\(field)."
    value.validate(&self)
    prefix = outer
  }

  /// Looks at values inside the one that is looked at: the fields are called by their places, `tags.0.name`.
  public mutating func callAsFunction(_ field: String, _ values: [some Validated]) {
    for (place, value) in values.enumerated() { self("\(field).\(place)", value) }
  }

  private mutating func note(_ field: String, _ message: String) {
    errors.append(InvalidInput.Field(prefix + field, message))
  }
}

extension Validated {
  /// - Throws: ``InvalidInput`` where the value is not valid, with all that is wrong.
  public func validated() throws -> Self {
    var validation = Validation()
    validate(&validation)
    if !validation.errors.isEmpty { throw InvalidInput(validation.errors) }
    return self
  }
}

/// A value that has been decoded, looked at where its type says how.
func checked<Value>(_ value: Value) throws -> Value {
  if let value = value as? any Validated { _ = try value.validated() }
  return value
}
