internal import Green
internal import GreenTasks

/// The pieces of the content as they come, each of at most 64 KB: for `for try await` loops. Cancelling the task ends
/// the loop with `CancellationError`, also where more lies ready.
extension HTTPClientResponse.Body: AsyncSequence {
  /// See ``HTTPClientResponse/Body``.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let body: HTTPClientResponse.Body

    /// The next piece; `nil` after the last. Throws as ``HTTPClientResponse/Body/read(into:)``.
    public func next() async throws -> [UInt8]? {
      try Task.checkCancellation()
      let body = body
      let piece = try await Fiber.run { try body.read(upTo: 65_536) }
      return piece.isEmpty ? nil : piece
    }
  }

  /// As the blocking method of this name, for tasks.
  public func read(upTo count: Int = 65_536) async throws -> [UInt8] {
    try await Fiber.run { try self.read(upTo: count) }
  }

  /// See ``HTTPClientResponse/Body``.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: self) }
}
