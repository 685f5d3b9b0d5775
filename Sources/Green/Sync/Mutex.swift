internal import Synchronization

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
/// An uncontended lock and unlock cost two atomic operations. It is not reentrant: asking again for a lock that one
/// holds ends the process and says so; see ``ReentrantMutex``.
public final class Mutex<Value>: @unchecked Sendable {
  private enum State {
    static var free: UInt32 { 0 }
    static var held: UInt32 { 1 }
    static var contended: UInt32 { 2 }
  }

  private let state = Atomic<UInt32>(State.free)
  /// Unsafe: behind a pointer, so that the value may be changed while the fiber that holds the lock is parked without
  /// Swift's check of exclusive access; the lock itself gives that exclusion.
  private let value: UnsafeMutablePointer<Value>
  /// The fiber that holds the lock, 0 for a thread or nobody. Written by the holder; others read it for reports.
  private let owner: UnsafeMutablePointer<UInt64>

  /// A free lock around `value`.
  public init(_ value: sending Value) {
    self.value = .allocate(capacity: 1)
    self.value.initialize(to: value)
    owner = .allocate(capacity: 1)
    owner.initialize(to: 0)
  }

  deinit {
    value.deinitialize(count: 1)
    value.deallocate()
    owner.deallocate()
  }

  /// Takes the lock, calls `body` with the value and gives the lock back, also when `body` throws. Parks or blocks while
  /// another holds it; cancellation and deadlines do not end that wait, so that clean-up can rely on it.
  public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock()
    defer { unlock() }
    return try body(&value.pointee)
  }

  /// As ``withLock(_:)``, but waits no longer than the deadline, and not when the fiber is cancelled.
  ///
  /// - Throws: `Errno.timedOut`, `CancellationError` or ``TimeoutError`` without having called `body`; else what `body`
  ///   throws.
  public func withLock<Result>(until deadline: Deadline, _ body: (inout Value) throws -> Result) throws -> Result {
    if !exchange(State.free, State.held) { try lockContended(until: deadline).check() }
    owner.pointee = Hub.runningID
    defer { unlock() }
    return try body(&value.pointee)
  }

  /// As ``withLock(_:)`` when the lock is free, else `nil` at once.
  public func withLockIfAvailable<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result? {
    guard exchange(State.free, State.held) else { return nil }
    owner.pointee = Hub.runningID
    defer { unlock() }
    return try body(&value.pointee)
  }

  private var address: UnsafeRawPointer { UnsafeRawPointer(owner) }

  @inline(__always)
  private func exchange(_ expected: UInt32, _ desired: UInt32) -> Bool {
    state.compareExchange(expected: expected, desired: desired, ordering: .acquiringAndReleasing).exchanged
  }

  @inline(__always)
  private func lock() {
    if !exchange(State.free, State.held) { _ = lockContended(until: nil) }
    owner.pointee = Hub.runningID
  }

  /// - Parameter deadline: `nil` for a wait that nothing ends.
  /// - Returns: `.ready` when the lock was taken, else what ended the wait.
  @inline(never)
  private func lockContended(until deadline: Deadline?) -> Wake {
    let me = Hub.runningID
    precondition(me == 0 || owner.pointee != me, "a fiber asked for a Mutex that it holds: use ReentrantMutex")
    while !exchange(State.free, State.held) {
      var isHandedOver = true
      let validate = { () -> Bool in
        // Under the bucket's lock: from here on the holder sees that somebody waits, and hands the lock over.
        if self.exchange(State.held, State.contended) || self.state.load(ordering: .relaxed) == State.contended {
          return true
        }
        isHandedOver = false
        return false
      }
      let reason = WaitReason(.mutex, at: address)
      let wake =
        if let deadline {
          ParkingLot.parkInterruptibly(address, until: deadline, for: reason, validate: validate)
        } else {
          ParkingLot.park(address, for: reason, validate: validate)
        }
      if wake != .ready { return wake }
      if isHandedOver { break }
    }
    return .ready
  }

  @inline(__always)
  private func unlock() {
    owner.pointee = 0
    if !exchange(State.held, State.free) { unlockContended() }
  }

  /// Hands the lock to the first who waits: it stays held, by another.
  @inline(never)
  private func unlockContended() {
    ParkingLot.unparkOne(address) { isWoken, hasMore in
      state.store(!isWoken ? State.free : hasMore ? State.contended : State.held, ordering: .releasing)
    }
  }
}
