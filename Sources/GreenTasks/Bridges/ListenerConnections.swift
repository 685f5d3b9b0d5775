public import Green

/// The connections that a listener takes. See ``Green/Listener/connections``.
public struct ListenerConnections: AsyncSequence {
  let listener: Listener

  public struct AsyncIterator: AsyncIteratorProtocol {
    let listener: Listener

    public nonisolated(nonsending) func next() async throws -> Socket? {
      try Task.checkCancellation()
      return try await listener.accept()
    }

    public func next(isolation actor: isolated (any Actor)?) async throws -> Socket? { try await next() }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(listener: listener) }
}
