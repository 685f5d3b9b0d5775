/// A gate that opens once, when it has been counted down to zero: Go's `WaitGroup` for a number that is known, Java's
/// `CountDownLatch`, C++'s `latch`.
///
/// ```swift
/// let started = Latch(workers.count)
/// for worker in workers {
///   Fiber.spawn {
///     try worker.connect()
///     started.countDown()
///     try worker.serve()
///   }
/// }
/// try started.wait(until: .after(.seconds(10)))
/// ```
///
/// Fibers of several hubs and threads share one. It is not set again: a ``Barrier`` is for rounds, and
/// ``withFiberGroup(of:limit:_:)`` for fibers that are to end.
public final class Latch: Sendable {
  private let state: SyncState<Int>

  /// A latch that opens after so many calls of ``countDown(by:)``; 0 is open from the beginning. Not negative.
  public init(_ count: Int) {
    requirement(count >= 0, "a latch cannot be counted down from \(count)")
    state = SyncState(count)
  }

  /// What is left to be counted down.
  public var count: Int { state.locked { count, _ in count } }

  /// Whether it has been counted down to zero, and nobody waits any more.
  public var isOpen: Bool { count == 0 }

  /// Counts down, and at zero wakes all who wait, in the order in which they came. Never waits.
  ///
  /// - Parameter steps: how far; not negative. What lies beyond zero does nothing.
  public func countDown(by steps: Int = 1) {
    requirement(steps >= 0, "a latch cannot be counted down by \(steps)")
    let woken = state.locked { count, waiting in
      count -= min(steps, count)
      return count == 0 ? waiting.takeAll() : WaitList()
    }
    WaitList.wakeAll(woken)
  }

  /// Waits until the latch is open. Parks or blocks; returns at once when it is open already.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait.
  public func wait(until deadline: Deadline = .never) throws {
    state.lock.acquire()
    if state.content.pointee == 0 {
      state.lock.release()
      return Hub.spend()
    }
    var waiter = Waiter()
    let reason = WaitReason(.latch, on: self)
    try withUnsafeMutablePointer(to: &waiter) {
      try state.waiting.wait($0, state.lock, until: deadline, for: reason).check()
    }
  }

  /// Counts down by one and waits for the others. What was counted down stays so, whether the wait succeeds or not.
  ///
  /// - Throws: as ``wait(until:)``.
  public func countDownAndWait(until deadline: Deadline = .never) throws {
    countDown()
    try wait(until: deadline)
  }
}

extension Latch: Selectable {
  var selectionLock: SyncLock { state.lock }
  var selectionList: UnsafeMutablePointer<WaitList> { state.waiting }
  func takeSelected() -> Bool { state.content.pointee == 0 }
}
