internal import CParking

/// Those who wait for one object, first come, first served. Fibers park and threads block; both may be in one list.
///
/// The owner guards it, together with its own state, by a lock. All synchronisation is this pattern:
///
/// ```swift
/// lock.acquire()
/// if canGoOn { change(); lock.release(); return }
/// try list.wait(&waiter, lock, until: deadline, for: reason).check()   // releases the lock
/// ```
///
/// and on the other side, with the lock held, `list.popFirst()`, the change on the waiter's behalf, and, the lock
/// released, `wake()`. Who has been taken out has what it waited for, even when it was cancelled meanwhile.
struct WaitList {
  private var waiters = LinkedList<Waiter>()
  /// Those who waited before this process was forked are the parent's: in the child they are forgotten.
  private var forks = cparking_forks()

  @inline(__always)
  private var isInherited: Bool { forks != cparking_forks() }

  @inline(__always)
  var first: WaiterPointer? { isInherited ? nil : waiters.first }

  /// Whether nobody waits. Cases of selections that another case has answered may still count.
  @inline(__always)
  var isEmpty: Bool { first == nil }

  @inline(never)
  private mutating func forgetParents() { self = WaitList() }

  @inline(__always)
  mutating func append(_ waiter: WaiterPointer) {
    if isInherited { forgetParents() }
    waiters.append(waiter)
    waiter.pointee.isQueued = true
  }

  @inline(__always)
  mutating func remove(_ waiter: WaiterPointer) {
    waiters.remove(waiter)
    waiter.pointee.isQueued = false
  }

  /// Takes out the first who still waits. A case of a selection that another case has answered is passed over.
  @inline(__always)
  mutating func popFirst() -> WaiterPointer? {
    while let waiter = first {
      remove(waiter)
      guard let selection = waiter.pointee.selection else { return waiter }
      if selection.claim(waiter.pointee.tag) { return waiter }
    }
    return nil
  }

  /// Takes out all who wait, for ``wakeAll(_:)`` once the lock is released.
  mutating func takeAll() -> WaitList {
    var taken = WaitList()
    while let waiter = popFirst() { taken.collect(waiter) }
    return taken
  }

  /// Keeps one that has been taken out of its list, for ``wakeAll(_:)``.
  mutating func collect(_ waiter: WaiterPointer) {
    append(waiter)
    waiter.pointee.isQueued = false
  }

  func forEach(_ body: (WaiterPointer) -> Void) { if !isInherited { waiters.forEach(body) } }

  /// Wakes those who have been collected, in order.
  static func wakeAll(_ taken: WaitList) { taken.forEach { $0.wake() } }
}

extension UnsafeMutablePointer where Pointee == WaitList {
  /// Queues the waiter, gives the lock back and waits until the waiter is taken out. The lock is not held afterwards.
  ///
  /// - Parameter leaving: called with the lock held when the waiter has left the list unserved; it returns those who can
  ///   go on by that.
  /// - Returns: `.ready` when it was taken out; otherwise it is out of the list and nothing was done for it.
  @inline(__always)
  func wait(
    _ waiter: WaiterPointer, _ lock: some WaitLock, until deadline: Deadline, for reason: WaitReason,
    leaving: () -> WaitList = { WaitList() }
  ) -> Wake {
    pointee.append(waiter)
    waiter.prepare()
    lock.release()
    let wake = waiter.sleep(until: deadline, for: reason)
    return wake == .ready ? .ready : leave(waiter, lock, wake, reason, leaving)
  }

  /// The wait ended before the waiter was taken out; or so it seemed.
  @inline(never)
  private func leave(
    _ waiter: WaiterPointer, _ lock: some WaitLock, _ wake: Wake, _ reason: WaitReason, _ leaving: () -> WaitList
  ) -> Wake {
    lock.acquire()
    if waiter.pointee.isQueued {
      pointee.remove(waiter)
      let others = leaving()
      lock.release()
      waiter.forget()
      WaitList.wakeAll(others)
      return wake
    }
    lock.release()
    waiter.sleepOn(reason)
    return .ready
  }

  /// As ``wait(_:_:until:for:)``, and neither cancellation nor a deadline ends it: for locks.
  @inline(never)
  func waitUninterrupted(_ waiter: WaiterPointer, _ lock: some WaitLock, for reason: WaitReason) {
    pointee.append(waiter)
    waiter.prepare()
    lock.release()
    waiter.sleepOn(reason)
  }
}
