package import FoundationEssentials
internal import Green
public import GreenHTTP
internal import HTTPTypes

extension Request {
  /// The body, decoded from JSON, and validated where its type says how: see ``Validated``. Parks or blocks until the body is
  /// there. Keys and dates are in the form of ``App/json``.
  ///
  /// Decoded on a stack of 8 MB.
  ///
  /// - Throws: `HTTPError`: `415` when `Content-Type` is not `application/json` or another type ending in `+json`, `400` when the
  ///   body is not JSON, or is nested more deeply than ``/GreenHTTP/HTTPLimits/jsonDepth``. ``InvalidInput``, `422`, when fields
  ///   are missing or wrong, with all of them.
  public func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    try json(type, options: jsonOptions)
  }

  /// As ``json(_:)`` for a body of another form than the application's others.
  public func json<Value: Decodable>(_ type: Value.Type = Value.self, options: JSONOptions) throws -> Value {
    guard hasJSON else {
      throw HTTPError(.unsupportedMediaType, "the body must be JSON, with Content-Type: application/json")
    }
    do {
      let bytes = try body.bytes()
      try JSONDepth.check(bytes, limit: jsonDepth)
      return try checked(Fiber.onBigStack { try JSONDecoder.house(options).decode(type, from: Data(bytes)) })
    } catch let error as DecodingError {
      throw named(try fault(error, in: type, options), options)
    } catch let error as InvalidInput {
      throw named(error, options)
    }
  }

  /// The form in the body, decoded, and validated where the type says how: see ``/GreenHTTP/Request/form(limits:)`` and
  /// ``GreenHTTP/NamedValues/decode(_:)``. Its files are left out.
  public func form<Value: Decodable>(_ type: Value.Type) throws -> Value { try form().fields.decode(type) }

  /// An error whose fields have the names that the client has sent.
  private func named(_ error: any Error, _ options: JSONOptions) -> any Error {
    guard options.keys == .snakeCase, let error = error as? InvalidInput else { return error }
    return InvalidInput(error.errors.map { InvalidInput.Field(SnakeCase.path($0.field), $0.message) })
  }

  private func fault<Value: Decodable>(
    _ error: DecodingError, in type: Value.Type, _ options: JSONOptions
  ) throws -> any Error {
    try Fiber.onBigStack {
      let data = Data(try body.bytes())
      let found = try? JSONDecoder.house(options).decode(Diagnosis<Value>.self, from: data).invalidInput
      guard case .dataCorrupted(let context) = error, context.codingPath.isEmpty else {
        return found ?? InvalidInput(error)
      }
      // Foundation says the same of a number that is not of the wanted type and of what is not JSON, without a place.
      if (try? JSONDecoder.house(options).decode(Anything.self, from: data)) == nil {
        return HTTPError(.badRequest, "the body is not JSON")
      }
      return found
        ?? InvalidInput("", "has a number that is not an integer, or is too large, where it must be one that fits")
    }
  }

  /// Whether the body says that it is JSON (RFC 6839, 3.1).
  private var hasJSON: Bool {
    guard let type = mediaType else { return false }
    if type == "application/json" { return true }
    let parts = type.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2 && !parts[0].isEmpty && parts[1].hasSuffix("+json") && parts[1].utf8.count > 5
  }
}

extension JSONDecoder {
  /// One that reads what ``Response/json(_:status:options:)`` writes.
  package static func house(_ options: JSONOptions) -> JSONDecoder {
    let decoder = JSONDecoder()
    if options.keys == .snakeCase { decoder.keyDecodingStrategy = .convertFromSnakeCase }
    switch options.dates {
    case .iso8601: decoder.dateDecodingStrategy = .iso8601
    case .secondsSince1970: decoder.dateDecodingStrategy = .secondsSince1970
    case .millisecondsSince1970: decoder.dateDecodingStrategy = .millisecondsSince1970
    }
    return decoder
  }
}
