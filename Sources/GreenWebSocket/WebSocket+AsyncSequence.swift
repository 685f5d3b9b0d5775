internal import Green
internal import GreenTasks

extension WebSocket: AsyncSequence {
  /// The messages as they come: the loop ends when the peer has closed.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let socket: WebSocket

    public func next() async throws -> WebSocketMessage? {
      let socket = socket
      return try await Fiber.run { try socket.receive() }
    }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(socket: self) }
}
