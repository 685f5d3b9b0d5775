/// A counter of permits, for fibers and threads alike: ``wait(until:)`` takes one, ``signal()`` gives one back.
///
/// Permits are given out in the order in which they were asked for: a newcomer does not overtake those who wait.
public final class Semaphore: Sendable {
  private let state: SyncState<Int>

  /// A semaphore with `permits` to give out.
  public init(_ permits: Int) {
    precondition(permits >= 0, "a semaphore cannot have \(permits) permits")
    state = SyncState(permits)
  }

  /// The permits that are free now.
  public var available: Int {
    state.lock.acquire()
    defer { state.lock.release() }
    return state.content.pointee
  }

  /// Takes a permit. Parks or blocks until there is one.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait. No permit was
  ///   taken then.
  public func wait(until deadline: Deadline = .never) throws {
    state.lock.acquire()
    if state.content.pointee > 0 {
      state.content.pointee -= 1
      state.lock.release()
      Hub.spend()
      return
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
    guard state.content.pointee > 0 else { return false }
    state.content.pointee -= 1
    return true
  }

  /// Gives a permit: to the first who waits, else it stays to be taken. Never waits.
  public func signal() {
    state.lock.acquire()
    let waiter = state.waiting.pointee.popFirst()
    if waiter == nil { state.content.pointee += 1 }
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
