internal import CPQ
internal import Glibc
public import Green
internal import Synchronization

/// The notifications of some channels, on a connection of its own, from ``Postgres/listen(to:)`` on.
///
/// What is told while there is no connection is lost: who must miss nothing looks into the tables after each
/// ``Postgres/listen(to:)``.
public final class PostgresNotifications: Sendable {
  private let connection: PostgresConnection
  private let isOver = Atomic(false)

  init(_ connection: PostgresConnection) { self.connection = connection }

  deinit { connection.close() }

  /// The next notification. Parks or blocks until there is one.
  ///
  /// - Throws: `Errno.timedOut` at the deadline, and none is lost then; `CancellationError` and `TimeoutError` as every wait;
  ///   ``PostgresConnectionError`` where the connection has ended.
  public func next(until deadline: Deadline = .never) throws -> PostgresNotification {
    do {
      return try connection.exclusively { native in
        while true {
          if let notification = native.nextNotification() { return notification }
          try native.waitForInput(LibPQ.Waiting(deadline: deadline))
        }
      }
    } catch is PostgresConnectionError where isOver.load(ordering: .acquiring) {
      throw PostgresConnectionError.closed
    }
  }

  /// Ends it; whoever waits for the next one gets ``PostgresConnectionError/closed``.
  public func close() {
    if isOver.exchange(true, ordering: .acquiringAndReleasing) { return }
    // Whoever waits has the turn: the end of the stream is what it sees.
    if connection.native.isOwn { shutdown(connection.native.descriptor, CInt(SHUT_RDWR)) }
  }
}

extension LibPQ {
  fileprivate func nextNotification() -> PostgresNotification? {
    guard let notification = PQnotifies(pointer) else { return nil }
    defer { PQfreemem(notification) }
    return PostgresNotification(
      channel: String(cString: notification.pointee.relname), payload: String(cString: notification.pointee.extra),
      sender: notification.pointee.be_pid)
  }
}

extension Postgres {
  /// Listens to channels, on a connection beside those of the pool.
  ///
  /// ```swift
  /// let changes = try db.listen(to: "notes")
  /// while true { cache.forget(try changes.next().payload) }
  /// ```
  public func listen(to channels: String...) throws -> PostgresNotifications {
    let connection = try Postgres.open(address, configuration)
    for channel in channels { try connection.execute("listen \(identifier: channel)") }
    return PostgresNotifications(connection)
  }
}
