internal import GreenHTTP
internal import HTTPTypes

/// One of several representations of what a handler answers with: see ``Negotiated``. It is made only where it is the
/// one that is sent.
public struct Offer: Sendable {
  /// The media type: `text/html; charset=utf-8`.
  public let type: String
  let make: @Sendable (Request) throws -> Response

  private init(type: String, _ make: @escaping @Sendable (Request) throws -> Response) {
    self.type = type
    self.make = make
  }

  /// A value as JSON, in the form that the application's has: see ``App/json``.
  public static func json<Value: Encodable & SendableMetatype>(
    _ value: @autoclosure @escaping @Sendable () throws -> Value, options: JSONOptions? = nil
  ) -> Offer {
    Offer(type: "application/json") { try Response.json(value(), options: options ?? $0.jsonOptions) }
  }

  /// A value as JSON that an `async` function makes: `.json { try await notes.all() }`.
  public static func json<Value: Encodable & SendableMetatype>(
    options: JSONOptions? = nil, _ value: @escaping @Sendable () async throws -> Value
  ) -> Offer {
    let value = ensureSync(value)
    return Offer(type: "application/json") { try Response.json(value(), options: options ?? $0.jsonOptions) }
  }

  /// A page.
  public static func html(_ page: @autoclosure @escaping @Sendable () throws -> HTML) -> Offer {
    Offer(type: "text/html; charset=utf-8") { try page().response(for: $0) }
  }

  /// A page that an `async` function makes.
  public static func html(_ page: @escaping @Sendable () async throws -> HTML) -> Offer {
    let page = ensureSync(page)
    return Offer(type: "text/html; charset=utf-8") { try page().response(for: $0) }
  }

  /// Text.
  public static func text(_ text: @autoclosure @escaping @Sendable () throws -> String) -> Offer {
    Offer(type: "text/plain; charset=utf-8") { _ in Response(try text()) }
  }

  /// Text that an `async` function makes.
  public static func text(_ text: @escaping @Sendable () async throws -> String) -> Offer {
    let text = ensureSync(text)
    return Offer(type: "text/plain; charset=utf-8") { _ in Response(try text()) }
  }

  /// A table.
  public static func csv(_ table: @autoclosure @escaping @Sendable () throws -> CSV) -> Offer {
    Offer(type: CSV.mediaType) { try table().response(for: $0) }
  }

  /// A table that an `async` function makes.
  public static func csv(_ table: @escaping @Sendable () async throws -> CSV) -> Offer {
    let table = ensureSync(table)
    return Offer(type: CSV.mediaType) { try table().response(for: $0) }
  }

  /// Anything else: what a handler might return, which is sent with this media type.
  ///
  /// ```swift
  /// .other("application/atom+xml", feed(of: notes))
  /// ```
  public static func other<Value: ResponseConvertible>(
    _ type: String, _ value: @autoclosure @escaping @Sendable () throws -> Value
  ) -> Offer {
    Offer(type: type) { request in
      var response = try value().response(for: request)
      response.contentType = type
      return response
    }
  }

  /// The same of what an `async` function makes.
  public static func other<Value: ResponseConvertible>(
    _ type: String, _ value: @escaping @Sendable () async throws -> Value
  ) -> Offer {
    let value = ensureSync(value)
    return other(type, try value())
  }
}
