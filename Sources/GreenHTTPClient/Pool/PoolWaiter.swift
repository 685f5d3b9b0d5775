internal import Green

/// A request that waits for a connection.
///
/// Unsafe as `Sendable`: what changes is changed under the pool's lock.
final class PoolWaiter: @unchecked Sendable {
  let route: Route
  /// Its place among all that have waited.
  var number = 0
  let promise = Promise<Box>()

  init(_ route: Route) { self.route = route }

  /// Unsafe as `Sendable`: entries belong to the pool's lock.
  struct Box: @unchecked Sendable {
    let grant: PoolState.Grant
  }
}
