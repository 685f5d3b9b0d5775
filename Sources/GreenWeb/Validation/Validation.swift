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
