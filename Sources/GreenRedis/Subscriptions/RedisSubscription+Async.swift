internal import Green
internal import GreenTasks

extension RedisSubscription: AsyncSequence {
  /// As ``next(until:)`` for tasks: cancelling the task ends the wait, and the loop.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let subscription: RedisSubscription

    public func next() async throws -> RedisMessage? {
      try Task.checkCancellation()
      let subscription = subscription
      return try await Fiber.run { try subscription.next() }
    }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(subscription: self) }
}
