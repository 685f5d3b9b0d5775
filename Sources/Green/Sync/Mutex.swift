/// A lock around a value, for fibers and threads alike.
///
/// Unlike the standard library's, it may be held while the fiber waits: another fiber that wants it parks, and the rest
/// of the hub goes on. Those who wait get it in the order in which they asked. Under `-k thread` the same lock works
/// between threads.
///
/// ```swift
/// let visits = Mutex(0)
/// app.get("/") { _ in "visit \(visits.withLock { $0 += 1; return $0 })" }
/// ```
///
/// As with the standard library's lock, a value that is not `Sendable` stays inside: the compiler refuses a body that
/// lets it out, or keeps in it what others still use.
///
/// An uncontended lock and unlock cost two atomic operations. It is not reentrant: asking again for a lock that one
/// holds ends the process and says so; see ``ReentrantMutex``. To wait until the value is as it should be, see
/// ``withLock(awaiting:until:where:_:)``.
public final class Mutex<Value>: @unchecked Sendable {
  @usableFromInline let core: MutexPointer
  /// Unsafe: behind a pointer, so that the value may be changed while the fiber that holds the lock is parked without
  /// Swift's check of exclusive access; the lock itself gives that exclusion.
  @usableFromInline let value: UnsafeMutablePointer<Value>

  /// A free lock around `value`.
  public init(_ value: sending Value) {
    core = .allocate(capacity: 1)
    core.initialize(to: MutexCore())
    self.value = .allocate(capacity: 1)
    self.value.initialize(to: value)
  }

  deinit {
    value.deinitialize(count: 1)
    value.deallocate()
    core.deallocate()
  }

  /// Takes the lock, calls `body` with the value and gives the lock back, also when `body` throws. Parks or blocks while
  /// another holds it; cancellation and deadlines do not end that wait, so that clean-up can rely on it.
  @inlinable
  public func withLock<Result, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    core.lock()
    defer { core.unlock() }
    return try body(&value.pointee)
  }

  /// As ``withLock(_:)``, but waits no longer than the deadline, and not when the fiber is cancelled.
  ///
  /// - Throws: `Errno.timedOut`, `CancellationError` or ``TimeoutError`` without having called `body`; else what `body`
  ///   throws.
  @inlinable
  public func withLock<Result>(
    until deadline: Deadline, _ body: (inout sending Value) throws -> sending Result
  ) throws -> sending Result {
    try core.lock(until: deadline)
    defer { core.unlock() }
    return try body(&value.pointee)
  }

  /// As ``withLock(_:)`` when the lock is free, else `nil` at once.
  @inlinable
  public func withLockIfAvailable<Result, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result? {
    guard core.tryLock() else { return nil }
    defer { core.unlock() }
    return try body(&value.pointee)
  }
}
