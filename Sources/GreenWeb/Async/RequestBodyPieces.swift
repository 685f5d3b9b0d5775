internal import Green
internal import GreenHTTP
internal import GreenTasks

/// What a request's body brings. See ``GreenHTTP/RequestBody/pieces(upTo:)``.
public struct RequestBodyPieces: AsyncSequence {
  let body: RequestBody
  let count: Int

  public struct AsyncIterator: AsyncIteratorProtocol {
    let body: RequestBody
    let count: Int

    public nonisolated(nonsending) func next() async throws -> [UInt8]? {
      try Task.checkCancellation()
      let (body, count) = (body, count)
      let bytes = try await Fiber.run { try body.read(upTo: count) }
      return bytes.isEmpty ? nil : bytes
    }

    public func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? { try await next() }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: body, count: count) }
}
