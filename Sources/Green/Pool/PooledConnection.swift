/// What a ``Pool`` keeps: a connection to a server, or anything else that is costly to make and used by one at a time.
public protocol PooledConnection: AnyObject, Sendable {
  /// Whether it can be used by another: asked when it is given out and when it is given back. Must not wait.
  func isUsable() -> Bool

  /// Ends it. Called once, by the pool, and should not wait for long.
  ///
  /// In a forked child the pool drops its parent's connections without calling this: their `deinit` must do nothing that the
  /// other end could see.
  func close()
}
