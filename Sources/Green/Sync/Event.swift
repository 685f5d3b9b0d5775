/// A flag that fibers and threads wait for: ``set()`` lets everybody through until ``clear()``.
public final class Event: Sendable {
  private let state: SyncState<Bool>

  /// An event, not set unless said otherwise.
  public init(isSet: Bool = false) { state = SyncState(isSet) }

  /// Whether the event is set.
  public var isSet: Bool { state.locked { isSet, _ in isSet } }

  /// Sets the flag and wakes all who wait, in the order in which they came. Never waits.
  public func set() {
    state.lock.acquire()
    state.content.pointee = true
    let woken = state.waiting.pointee.takeAll()
    state.lock.release()
    WaitList.wakeAll(woken)
  }

  /// Takes the flag back: from now on ``wait(until:)`` waits again. Who has been woken goes on all the same.
  public func clear() {
    state.lock.acquire()
    state.content.pointee = false
    state.lock.release()
  }

  /// Waits until the flag is set. Parks or blocks; returns at once when it is set already.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait.
  public func wait(until deadline: Deadline = .never) throws {
    try state.waitUntilSet(until: deadline, for: WaitReason(.event, on: self))
  }
}

extension Event: Selectable {
  var selectionLock: SyncLock { state.lock }
  var selectionList: UnsafeMutablePointer<WaitList> { state.waiting }
  func takeSelected() -> Bool { state.content.pointee }
}
