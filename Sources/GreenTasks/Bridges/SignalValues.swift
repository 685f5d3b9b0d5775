public import Green

/// Signals as they come. See ``Green/Signals/values``.
public struct SignalValues: AsyncSequence {
  let signals: Signals

  public struct AsyncIterator: AsyncIteratorProtocol {
    let signals: Signals

    public nonisolated(nonsending) func next() async throws -> Signal? {
      try Task.checkCancellation()
      return try await signals.next()
    }

    public func next(isolation actor: isolated (any Actor)?) async throws -> Signal? { try await next() }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(signals: signals) }
}
