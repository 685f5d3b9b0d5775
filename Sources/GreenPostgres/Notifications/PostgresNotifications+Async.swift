internal import Green
internal import GreenTasks

extension PostgresNotifications: AsyncSequence {
  /// As ``next(until:)`` for tasks: cancelling the task ends the wait.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let notifications: PostgresNotifications

    public func next() async throws -> PostgresNotification? {
      let notifications = notifications
      return try await Fiber.run { try notifications.next() }
    }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(notifications: self) }
}
