internal import Green
internal import GreenTasks

extension WebSocket: AsyncSequence {
  /// The messages as they come: the loop ends when the peer has closed, and with `CancellationError`
  /// when its task is cancelled.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let socket: WebSocket

    public func next() async throws -> WebSocketMessage? {
      try Task.checkCancellation()
      let socket = socket
      return try await Fiber.run { try socket.receive() }
    }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(socket: self) }
}
