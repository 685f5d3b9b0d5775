internal import Green

/// A connection of the pool.
///
/// Unsafe as `Sendable`: what changes is the pool's, and changed under its lock.
final class PoolEntry: @unchecked Sendable {
  let route: Route
  let connection: any ClientConnection
  /// How many requests it has now.
  var inUse = 1
  /// Whether it has no further ones.
  var isClosing = false
  /// Since when nobody has used it.
  var idleSince = Deadline.never

  init(_ route: Route, _ connection: any ClientConnection) {
    (self.route, self.connection) = (route, connection)
  }

  var hasRoom: Bool { !isClosing && inUse < connection.capacity }
  var isIdle: Bool { inUse == 0 }
}
