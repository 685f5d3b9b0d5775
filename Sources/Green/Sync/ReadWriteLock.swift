/// A lock around a value that many may read at once, and one alone change. For fibers and threads alike.
///
/// Turns are given in the order in which they were asked for: readers who come after a waiting writer wait until it has
/// had its turn, so neither side starves the other. It pays where reading takes long or waits; for short accesses
/// ``Mutex`` is cheaper. It is not reentrant in either way: a reader who asks again while a writer waits waits for itself.
///
/// It is for several threads when its value is `Sendable`, since several readers use that at once.
public final class ReadWriteLock<Value> {
  private struct Holders {
    var readers = 0
    var isWriting = false
    /// How many turns the fibers of each hub have.
    var ofHubs: [(hub: HubPointer, turns: Int)] = []

    /// `hub`: whose fiber asks; `nil` for a thread.
    mutating func admit(_ turn: Access, of hub: HubPointer?) -> Bool {
      if isWriting || (turn == .write && readers > 0) { return false }
      if turn == .write { isWriting = true } else { readers += 1 }
      if let hub { count(1, of: hub) }
      return true
    }

    mutating func leave(_ turn: Access, of hub: HubPointer?) {
      if turn == .write { isWriting = false } else { readers -= 1 }
      if let hub { count(-1, of: hub) }
    }

    private mutating func count(_ change: Int, of hub: HubPointer) {
      if let index = ofHubs.firstIndex(where: { $0.hub == hub }) {
        ofHubs[index].turns += change
        // One hub, mostly: its entry stays. Others may be gone by the next time.
        if ofHubs[index].turns == 0 && ofHubs.count > 1 { ofHubs.remove(at: index) }
      } else {
        ofHubs.append((hub, change))
      }
    }
  }

  private enum Access: Int {
    case read, write
  }

  /// Unsafe: behind a pointer, as that of ``Mutex``, which only those use whose turn it is.
  private struct Place: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Value>
  }

  private let state = SyncState(Holders())
  private let value: Place

  /// A free lock around `value`.
  public init(_ value: sending Value) {
    self.value = Place(pointer: .allocate(capacity: 1))
    self.value.pointer.initialize(to: value)
  }

  deinit {
    value.pointer.deinitialize(count: 1)
    value.pointer.deallocate()
  }

  /// Calls `body` with the value, together with other readers. Parks or blocks while a writer has it, or waits for it;
  /// cancellation and deadlines do not end that wait.
  public func withReadLock<Result, Failure: Error>(
    _ body: (Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    enter(.read)
    defer { leave(.read) }
    return try body(value.pointer.pointee)
  }

  /// Calls `body` with the value for it alone. Parks or blocks while others have it; cancellation and deadlines do not
  /// end that wait.
  public func withWriteLock<Result, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    enter(.write)
    defer { leave(.write) }
    return try body(&value.pointer.pointee)
  }

  /// As ``withReadLock(_:)``, but waits no longer than the deadline, and not when the fiber is cancelled.
  ///
  /// - Throws: `Errno.timedOut`, `CancellationError` or ``TimeoutError`` without having called `body`; else what `body`
  ///   throws.
  public func withReadLock<Result>(
    until deadline: Deadline, _ body: (Value) throws -> sending Result
  ) throws -> sending Result {
    try enter(.read, until: deadline)
    defer { leave(.read) }
    return try body(value.pointer.pointee)
  }

  /// As ``withWriteLock(_:)``, but waits no longer than the deadline, and not when the fiber is cancelled.
  ///
  /// - Throws: as ``withReadLock(until:_:)``.
  public func withWriteLock<Result>(
    until deadline: Deadline, _ body: (inout sending Value) throws -> sending Result
  ) throws -> sending Result {
    try enter(.write, until: deadline)
    defer { leave(.write) }
    return try body(&value.pointer.pointee)
  }

  /// - Returns: whether the turn was given at once; if not, the lock of the state is held.
  private func tryEnter(_ turn: Access) -> Bool {
    state.lock.acquire()
    guard state.waiting.pointee.isEmpty, state.content.pointee.admit(turn, of: Hub.running?.hub) else { return false }
    state.lock.release()
    return true
  }

  private func enter(_ turn: Access) {
    if tryEnter(turn) { return }
    LoopCallback.willWait(forLock: isOfFibers)
    var waiter = Waiter(tag: turn.rawValue)
    withUnsafeMutablePointer(to: &waiter) {
      state.waiting.waitUninterrupted($0, state.lock, for: WaitReason(.lock, on: self))
    }
  }

  private func enter(_ turn: Access, until deadline: Deadline) throws {
    if tryEnter(turn) { return }
    if deadline == .never { LoopCallback.willWait(forLock: isOfFibers) }
    var waiter = Waiter(tag: turn.rawValue)
    let wake = withUnsafeMutablePointer(to: &waiter) {
      state.waiting.wait($0, state.lock, until: deadline, for: WaitReason(.lock, on: self))
    }
    if wake == .ready { return }
    // Those after this one may not have to wait for it any more.
    admit { _ in }
    try wake.check()
  }

  private func leave(_ turn: Access) {
    let hub = Hub.running?.hub
    admit { $0.leave(turn, of: hub) }
  }

  /// Whether fibers of the hub have it, or wait for it. With the lock of the state held.
  private func isOfFibers(of hub: HubPointer) -> Bool {
    var isTheirs = state.content.pointee.ofHubs.contains { $0.hub == hub && $0.turns > 0 }
    state.waiting.pointee.forEach { if $0.hub == hub { isTheirs = true } }
    return isTheirs
  }

  /// Changes who holds it, and gives turns to the first who wait, as many as may have them together.
  private func admit(_ change: (inout Holders) -> Void) {
    let admitted = state.locked { holders, waiting in
      change(&holders)
      var admitted = WaitList()
      while let first = waiting.first,
        holders.admit(first.pointee.tag == Access.write.rawValue ? .write : .read, of: first.hub)
      {
        waiting.remove(first)
        admitted.collect(first)
      }
      return admitted
    }
    WaitList.wakeAll(admitted)
  }
}

extension ReadWriteLock: @unchecked Sendable where Value: Sendable {}
