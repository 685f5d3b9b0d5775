public import HTTPTypes

/// A field was to follow a body that had not announced it: see ``StreamedBody/init(trailers:_:)``.
public struct TrailerError: Error, Equatable, CustomStringConvertible {
  /// The field.
  public let name: HTTPField.Name

  public var description: String { "the field \(name) follows a body that has not announced it as a trailer" }
}
