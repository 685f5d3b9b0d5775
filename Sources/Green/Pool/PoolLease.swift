internal import Synchronization

/// A connection for as long as one caller has it.
package final class PoolLease<Connection: PooledConnection>: Sendable {
  private let pool: Pool<Connection>
  private let entry: PoolEntry<Connection>
  private let isOver = Atomic(false)

  init(_ entry: PoolEntry<Connection>, of pool: Pool<Connection>) { (self.entry, self.pool) = (entry, pool) }

  package var connection: Connection { entry.connection }

  /// Gives the connection back, once.
  package func end() {
    if isOver.exchange(true, ordering: .acquiringAndReleasing) { return }
    pool.giveBack(entry, usable: connection.isUsable())
  }

  deinit { end() }
}
