internal import Green
internal import GreenTasks

extension PostgresNotifications: AsyncSequence {
  /// As ``next(until:)`` for tasks: cancelling the task ends the wait, and the loop.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let notifications: PostgresNotifications

    public func next() async throws -> PostgresNotification? {
      try Task.checkCancellation()
      let notifications = notifications
      return try await Fiber.run { try notifications.next() }
    }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(notifications: self) }
}
