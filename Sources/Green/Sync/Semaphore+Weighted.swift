internal import SystemPackage

// Several permits at once: for what costs unlike amounts of the same thing, bytes of memory or places in a batch.

extension Semaphore {
  /// Takes `count` permits at once. Parks or blocks until there are so many: none is held meanwhile. Those who come later
  /// wait for this one's turn, however few they ask for, so that a large request is not put off for ever.
  ///
  /// - Parameters:
  ///   - count: not negative; for 0 it returns at once.
  ///   - deadline: when to give up.
  /// - Throws: `Errno.invalidArgument` where `count` is negative or beyond the semaphore's limit, which nobody can get;
  ///   `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait. No permit was taken then,
  ///   and those after it go on as if it had not asked.
  public func acquire(_ count: Int, until deadline: Deadline = .never) throws {
    guard count >= 0 && count <= limit else { throw Errno.invalidArgument }
    if count > 0 { try take(count, until: deadline) }
  }

  /// Takes `count` permits if so many are free and nobody waits. Never waits.
  ///
  /// - Returns: whether it has them; `false` too where `count` is negative or beyond the semaphore's limit.
  public func acquireIfAvailable(_ count: Int) -> Bool {
    count == 0 || count > 0 && count <= limit && takeIfAvailable(count)
  }

  /// Gives `count` permits back, to those who wait in their order, else they stay to be taken. Never waits.
  ///
  /// - Parameter count: not negative. More than were taken is found out where the semaphore has a limit, and ends the
  ///   process.
  public func release(_ count: Int) {
    requirement(count >= 0, "a semaphore cannot be given \(count) permits")
    if count > 0 { give(count) }
  }

  /// Takes `count` permits, calls `body` and gives them back.
  ///
  /// - Throws: as ``acquire(_:until:)``; else what `body` throws.
  public func withPermits<Result>(
    _ count: Int, until deadline: Deadline = .never, _ body: () throws -> Result
  ) throws -> Result {
    try acquire(count, until: deadline)
    defer { release(count) }
    return try body()
  }
}
