/// A type that says which of its values are valid. What a handler takes as ``Query`` or ``Body`` is validated before
/// the handler is called, and so is what `Request.json(_:)` and `Request.form(_:)` return.
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
