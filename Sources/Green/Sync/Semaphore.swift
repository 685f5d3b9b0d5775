/// A counter of permits, for fibers and threads alike: ``wait(until:)`` takes one, ``signal()`` gives one back, and
/// ``acquire(_:until:)`` and ``release(_:)`` do so with several at once.
///
/// Permits are given out in the order in which they were asked for: a newcomer does not overtake those who wait, and small
/// requests do not keep a large one from its turn.
public final class Semaphore: Sendable {
  /// The permits that are free. While some are, the first who waits, if there is one, needs more than these.
  let state: SyncState<Int>
  let limit: Int

  /// A semaphore with `permits` to give out.
  ///
  /// - Parameters:
  ///   - permits: how many may be taken before somebody has to wait; not negative.
  ///   - limit: the most that may ever be free: giving back a permit that was not taken is then found out, and ends the
  ///     process.
  public init(_ permits: Int, limit: Int = .max) {
    requirement(permits >= 0, "a semaphore cannot have \(permits) permits")
    requirement(permits <= limit, "a semaphore with \(permits) permits is beyond its limit of \(limit)")
    state = SyncState(permits)
    self.limit = limit
  }

  /// The permits that are free now.
  public var available: Int { state.locked { permits, _ in permits } }

  /// Takes a permit. Parks or blocks until there is one.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait. No permit was
  ///   taken then.
  public func wait(until deadline: Deadline = .never) throws { try take(1, until: deadline) }

  /// Takes a permit if one is free and nobody waits. Never waits.
  public func waitIfAvailable() -> Bool { takeIfAvailable(1) }

  /// Gives a permit: to the first who waits, else it stays to be taken. Never waits.
  public func signal() { give(1) }

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
  func takeSelected() -> Bool { takeLocked(1) }
}

extension Semaphore {
  /// Takes so many permits; waits in line for them.
  func take(_ count: Int, until deadline: Deadline) throws {
    state.lock.acquire()
    if takeLocked(count) {
      state.lock.release()
      return Hub.spend()
    }
    var waiter = Waiter(tag: count)
    let reason = WaitReason(.semaphore, on: self)
    try withUnsafeMutablePointer(to: &waiter) {
      // Those after one who leaves may need less than it did.
      try state.waiting.wait($0, state.lock, until: deadline, for: reason, leaving: grant).check()
    }
  }

  func takeIfAvailable(_ count: Int) -> Bool {
    state.lock.acquire()
    defer { state.lock.release() }
    return takeLocked(count)
  }

  @inline(__always)
  private func takeLocked(_ count: Int) -> Bool {
    guard state.content.pointee >= count, state.waiting.pointee.isEmpty else { return false }
    state.content.pointee -= count
    return true
  }

  func give(_ count: Int) {
    state.lock.acquire()
    let (free, isTooMany) = state.content.pointee.addingReportingOverflow(count)
    state.content.pointee = free
    let woken = grant()
    requirement(
      !isTooMany && state.content.pointee <= limit, "a permit was given back that had not been taken")
    state.lock.release()
    WaitList.wakeAll(woken)
  }

  /// Gives the free permits to those who wait, in their order, until the first needs more than there are. With the lock
  /// held.
  private func grant() -> WaitList {
    var served = WaitList()
    while let first = state.waiting.pointee.first {
      // A case of a selection asks for one permit.
      let count = first.pointee.selection == nil ? first.pointee.tag : 1
      guard state.content.pointee >= count else { break }
      state.waiting.pointee.remove(first)
      if let selection = first.pointee.selection, !selection.claim(first.pointee.tag) { continue }
      state.content.pointee -= count
      served.collect(first)
    }
    return served
  }
}
