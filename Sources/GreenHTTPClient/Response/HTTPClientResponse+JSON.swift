internal import FoundationEssentials
internal import Green
internal import GreenHTTP
internal import GreenTasks

extension HTTPClientResponse {
  /// The whole content, decoded from JSON, whatever its media type says. Parks or blocks until it is there. Decoded on a stack
  /// of 8 MB.
  ///
  /// - Throws: as `bytes(upTo:)`; ``HTTPClientError/undecodable(_:)`` where it is nested more than 128 deep, or not UTF-8;
  ///   `DecodingError` where it is not JSON, or not of this type.
  public func json<Value: Decodable>(_ type: Value.Type = Value.self, upTo limit: Int? = nil) throws -> Value {
    let bytes = try bytes(upTo: limit)
    do {
      try JSONDepth.check(bytes, limit: HTTPLimits().jsonDepth)
    } catch let error as HTTPError {
      throw HTTPClientError.undecodable(error.message)
    }
    return try Fiber.onBigStack { try JSONDecoder().decode(type, from: Data(bytes)) }
  }

  /// As the blocking method of this name, for tasks.
  public func json<Value: Decodable & Sendable>(_ type: Value.Type = Value.self, upTo limit: Int? = nil) async throws
    -> Value
  {
    try await Fiber.run { try self.json(type, upTo: limit) }
  }
}
