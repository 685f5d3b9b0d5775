/// A connection of a pool.
///
/// Unsafe as `Sendable`: what changes is the pool's, and changed under its lock.
final class PoolEntry<Connection: PooledConnection>: @unchecked Sendable {
  let connection: Connection
  /// When it is too old to be given out again.
  let end: Deadline
  /// Who has it.
  var holder: PoolHolder?
  /// Since when nobody has it.
  var idleSince = Deadline.never

  init(_ connection: Connection, end: Deadline, holder: PoolHolder) {
    (self.connection, self.end, self.holder) = (connection, end, holder)
  }
}
