/// What is wrong with a value, as far as it has been looked at. See ``Validated``.
public struct Validation: Sendable {
  /// What is wrong.
  public private(set) var errors: [InvalidInput.Field] = []
  private var prefix = ""
  /// Fields that stand-ins are in: nothing is said of them, nor of conditions, which may be about several.
  private let standIns: [String]

  /// Nothing that is wrong.
  public init() { standIns = [] }

  /// A look at what is left of a value, some of whose fields could not be decoded.
  init(besides standIns: [String]) { self.standIns = standIns }

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

  /// Notes what is wrong with a field where a condition does not hold. It is looked at where all fields could be decoded.
  public mutating func callAsFunction(_ field: String, _ holds: Bool, _ message: String) {
    if !holds && standIns.isEmpty { note(field, message) }
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
    let field = prefix + field
    // Nor of those that they lie in, or that lie in them.
    let isStandIn = standIns.contains { other in
      other.isEmpty || other == field || other.hasPrefix(field + ".") || field.hasPrefix(other + ".")
    }
    if !isStandIn { errors.append(InvalidInput.Field(field, message)) }
  }
}
