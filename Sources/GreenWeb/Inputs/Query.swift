internal import GreenHTTP

/// The query's fields as a value of a type, whose members are the input's.
///
/// ```swift
/// struct Page: Decodable, Sendable { var offset: Int?; var limit: Int? }
/// app.get("/notes") { (_, page: Query<Page>) in notes.list(page.offset ?? 0, page.limit ?? 20) }
/// ```
///
/// Numbers, `true` and `false`, enumerations, dates as of JSON, and arrays of fields that come several times. Fields
/// that are missing or wrong are answered with `422`, all at once: see ``InvalidInput``. A type that is ``Validated``
/// is validated.
@dynamicMemberLookup
public struct Query<Value: Decodable & Sendable>: HandlerInput {
  /// The value.
  public let value: Value

  /// An input with a value: for tests.
  public init(_ value: Value) { self.value = value }

  /// A member of the value.
  public subscript<Member>(dynamicMember path: KeyPath<Value, Member>) -> Member { value[keyPath: path] }

  public static func take(from reader: inout InputReader) throws -> Self {
    Query(try reader.request.query.decode(Value.self))
  }

  public static var source: InputSource { .query(Value.self) }
}
