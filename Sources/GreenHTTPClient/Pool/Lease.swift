internal import Synchronization

/// A place on a connection, for one request: given back once, by whoever comes to its end first.
final class Lease: Sendable {
  let connection: any ClientConnection
  /// Whether the connection has had a request before.
  let isReused: Bool
  private let pool: ConnectionPool
  private let entry: PoolEntry
  private let isOver = Atomic(false)

  init(_ entry: PoolEntry, of pool: ConnectionPool, isReused: Bool) {
    connection = entry.connection
    self.isReused = isReused
    self.pool = pool
    self.entry = entry
  }

  /// Gives the place back.
  ///
  /// - Parameter usable: whether the connection can have another request; it is closed otherwise.
  func end(usable: Bool) {
    if !isOver.exchange(true, ordering: .acquiringAndReleasing) { pool.giveBack(entry, usable: usable) }
  }

  deinit { end(usable: false) }
}
