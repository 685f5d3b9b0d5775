/// Input whose fields are missing or wrong: the answer is `422 (Unprocessable Content)`, which names them.
///
/// ```json
/// {"errors":[{"field":"title","message":"is missing"}]}
/// ```
///
/// A client that takes `application/problem+json` gets that (RFC 9457), with the same `errors`. An error handler of
/// this type gives all such answers another form.
///
/// ```swift
/// app.errorHandler(InvalidInput.self) { error, _ in Reply(["wrong": error.errors.map(\.field)], status: .badRequest) }
/// ```
public struct InvalidInput: Error, Sendable, Hashable, Codable {
  /// A field, and what is wrong with it.
  public struct Field: Sendable, Hashable, Codable {
    /// The field's name, with those of the objects that it lies in: `address.street`, `tags.0`. Empty for the input as a whole.
    public var field: String
    /// What is wrong, to be read after the name: `is missing`, `must be a number`.
    public var message: String

    /// A field, and what is wrong with it.
    public init(_ field: String, _ message: String) {
      self.field = field
      self.message = message
    }
  }

  /// All that is wrong.
  public var errors: [Field]

  /// Input of which one field is wrong.
  public init(_ field: String, _ message: String) { errors = [Field(field, message)] }

  /// Input of which several fields are wrong.
  public init(_ errors: [Field]) { self.errors = errors }
}

extension InvalidInput: CustomStringConvertible {
  public var description: String {
    errors.map { $0.field.isEmpty ? "the input \($0.message)" : "'\($0.field)' \($0.message)" }.joined(separator: "; ")
  }
}
