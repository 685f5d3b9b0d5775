internal import FoundationEssentials
public import GreenHTTP
internal import HTTPTypes

/// How a value that is `Encodable`, and no more, becomes a response.
public enum _Conversion {
  /// The function that does it for a type: found once, when a route is added, and not at each request.
  public static func function<Value: Encodable & SendableMetatype>(
    for type: Value.Type
  ) -> @Sendable (Value, Request) throws -> Response {
    // Were [UInt8] a ResponseConvertible, then the literal [1, 2] would be taken for bytes, and not for JSON.
    if type == [UInt8].self || type == [UInt8]?.self {
      return { value, _ in
        guard let bytes = value as? [UInt8] else { throw HTTPError(.notFound) }
        return Response(bytes)
      }
    }
    // Data is Encodable, and would be Base64.
    if type == Data.self || type == Data?.self {
      return { value, _ in
        guard let data = value as? Data else { throw HTTPError(.notFound) }
        return Response([UInt8](data))
      }
    }
    if type is any OptionalValue.Type {
      return { value, request in
        if let optional = value as? any OptionalValue, optional.isNil { throw HTTPError(.notFound) }
        return try json(value, request)
      }
    }
    return { value, request in try json(value, request) }
  }

  @inline(__always)
  private static func json(_ value: some Encodable, _ request: Request) throws -> Response {
    request.hasNotes ? try Response.json(value, options: request.jsonOptions) : try Response.json(value)
  }
}

/// What is known of an `Optional` without knowing of what.
private protocol OptionalValue {
  var isNil: Bool { get }
}

extension Optional: OptionalValue {
  fileprivate var isNil: Bool { self == nil }
}
