internal import HTTPTypes

/// The parameters of a path: for the route `/users/{id}` and the path `/users/7`, `id` is `7`.
///
/// Values are percent-decoded.
public struct Parameters: Sendable, Hashable {
  // An empty array takes no memory, so that a route without parameters costs nothing.
  private var values: [Entry] = []

  private struct Entry: Hashable {
    var name: String
    var value: String
  }

  /// No parameters.
  public init() {}

  /// Adds a parameter; of two with the same name, the first is found.
  package mutating func append(name: String, value: String) { values.append(Entry(name: name, value: value)) }

  /// How many there are.
  package var count: Int { values.count }

  /// The value of the parameter at a place, in the order of the path; `nil` where there is none.
  package func value(at place: Int) -> String? { values.indices.contains(place) ? values[place].value : nil }

  /// The value of a parameter; `nil` when the route has none of that name.
  public subscript(_ name: String) -> String? { values.first { $0.name == name }?.value }

  /// The value of a parameter as something that is made from text: `Int`, `Double`, `Bool`, `String`.
  ///
  /// Throws ``HTTPError`` with `400`, naming the parameter and its value, when it cannot be made from this text; with
  /// `500` when the route has no such parameter.
  public func require<Value: LosslessStringConvertible>(
    _ name: String, as type: Value.Type = Value.self
  ) throws -> Value {
    guard let text = self[name] else {
      throw HTTPError(.internalServerError, "the route has no parameter '\(name)'")
    }
    guard let value = Value(text) else {
      throw HTTPError(.badRequest, "parameter '\(name)' is '\(text)', which is not a valid \(type)")
    }
    return value
  }
}
