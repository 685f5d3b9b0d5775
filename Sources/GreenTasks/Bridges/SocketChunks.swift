internal import Green

/// What a socket receives. See ``Green/Socket/chunks(upTo:)``.
public struct SocketChunks: AsyncSequence {
  let socket: Socket
  let count: Int

  public struct AsyncIterator: AsyncIteratorProtocol {
    let socket: Socket
    let count: Int

    public nonisolated(nonsending) func next() async throws -> [UInt8]? {
      try Task.checkCancellation()
      let bytes = try await socket.receive(upTo: count)
      return bytes.isEmpty ? nil : bytes
    }

    public func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? { try await next() }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(socket: socket, count: Swift.max(1, count)) }
}
