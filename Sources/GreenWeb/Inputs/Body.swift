internal import GreenHTTP

/// The body as a value of a type, whose members are the input's: of JSON or of a form, as `Content-Type` says.
///
/// ```swift
/// app.post("/notes") { (_, new: Body<NewNote>) in try notes.insert(new.title, new.text) }
/// ```
///
/// What is neither is answered with `415`, what is malformed with `400`, and fields that are missing or wrong with `422`,
/// all at once: see ``InvalidInput``. A type that is ``Validated`` is validated. Parks until the body is there.
@dynamicMemberLookup
public struct Body<Value: Decodable & Sendable>: HandlerInput {
  /// The value.
  public let value: Value

  /// An input with a value: for tests.
  public init(_ value: Value) { self.value = value }

  /// A member of the value.
  public subscript<Member>(dynamicMember path: KeyPath<Value, Member>) -> Member { value[keyPath: path] }

  public static func take(from reader: inout InputReader) throws -> Self {
    Body(try reader.request.typedBody())
  }

  public static var source: InputSource { .body(Value.self) }
}
