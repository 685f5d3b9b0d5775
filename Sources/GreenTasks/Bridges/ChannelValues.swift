internal import Green

/// The elements of a channel as they are received. See ``Green/Channel/values``.
public struct ChannelValues<Element: Sendable>: AsyncSequence, Sendable {
  let channel: Channel<Element>

  public struct AsyncIterator: AsyncIteratorProtocol {
    let channel: Channel<Element>

    public func next() async throws -> Element? {
      // What lies ready needs no wait that cancelling could end.
      try Task.checkCancellation()
      return try await channel.receive()
    }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(channel: channel) }
}
