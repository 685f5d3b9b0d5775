/// A counter of permits, for fibers and threads alike: ``wait(until:)`` takes one, ``signal()`` gives one back.
///
/// Permits are given out in the order in which they were asked for: a newcomer does not overtake those who wait.
public final class Semaphore: Sendable {
  private let state: SyncState<Int>
  private let limit: Int

  /// A semaphore with `permits` to give out.
  ///
  /// - Parameters:
  ///   - permits: how many may be taken before somebody has to wait; not negative.
  ///   - limit: the most that may ever be free: giving back a permit that was not taken is then found out, and ends the
  ///     process.
  public init(_ permits: Int, limit: Int = .max) {
    precondition(permits >= 0, "a semaphore cannot have \(permits) permits")
    precondition(permits <= limit, "a semaphore with \(permits) permits is beyond its limit of \(limit)")
    state = SyncState(permits)
    self.limit = limit
  }

  /// The permits that are free now.
  public var available: Int { state.locked { permits, _ in permits } }

  /// Takes a permit. Parks or blocks until there is one.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait. No permit was
  ///   taken then.
  public func wait(until deadline: Deadline = .never) throws {
    state.lock.acquire()
    if takeSelected() {
      state.lock.release()
      return Hub.spend()
    }
    var waiter = Waiter()
    let reason = WaitReason(.semaphore, on: self)
    try withUnsafeMutablePointer(to: &waiter) {
      try state.waiting.wait($0, state.lock, until: deadline, for: reason).check()
    }
  }

  /// Takes a permit if one is free. Never waits.
  public func waitIfAvailable() -> Bool {
    state.lock.acquire()
    defer { state.lock.release() }
    return takeSelected()
  }

  /// Gives a permit: to the first who waits, else it stays to be taken. Never waits.
  public func signal() {
    state.lock.acquire()
    let waiter = state.waiting.pointee.popFirst()
    if waiter == nil {
      precondition(state.content.pointee < limit, "a permit was given back that had not been taken")
      state.content.pointee += 1
    }
    state.lock.release()
    waiter?.wake()
  }

  /// Takes a permit, calls `body` and gives the permit back.
  public func withPermit<Result>(until deadline: Deadline = .never, _ body: () throws -> Result) throws -> Result {
    try wait(until: deadline)
    defer { signal() }
    return try body()
  }
}

extension Semaphore: Selectable {
  var selectionLock: SyncLock { state.lock }
  var selectionList: UnsafeMutablePointer<WaitList> { state.waiting }

  /// Takes a permit if one is free, with the lock held.
  func takeSelected() -> Bool {
    guard state.content.pointee > 0 else { return false }
    state.content.pointee -= 1
    return true
  }
}
