/// Where a number of fibers or threads meet before any of them goes on, round after round: Java's `CyclicBarrier`, C++'s
/// `barrier`.
///
/// ```swift
/// let barrier = Barrier(parts.count)
/// for part in parts {
///   Fiber.spawn {
///     defer { barrier.leave() }
///     for step in steps {
///       part.compute(step)
///       if try barrier.wait().isLast { publish(step) }   // one of them, each round
///       try barrier.wait()
///     }
///   }
/// }
/// ```
///
/// Who is cancelled while it waits, or gives up at its deadline, has not arrived: the barrier is not broken by it, and the
/// others go on waiting until somebody else comes in its place. Who will not come any more calls ``leave()``.
public final class Barrier: Sendable {
  /// One's coming to a barrier.
  public struct Arrival: Sendable, Hashable {
    /// How many rounds had been completed before; all who met have the same.
    public let round: UInt64
    /// Whether it was the last to come, for whom the others waited. One of each round is, unless ``Barrier/leave()``
    /// completed it.
    public let isLast: Bool
  }

  private struct Content {
    var parties: Int
    /// Those who wait.
    var arrived = 0
    var round: UInt64 = 0
  }

  private let state: SyncState<Content>

  /// A barrier at which `parties` meet, one at least.
  public init(_ parties: Int) {
    requirement(parties > 0, "a barrier at which \(parties) meet cannot be")
    state = SyncState(Content(parties: parties))
  }

  /// How many meet here.
  public var parties: Int { state.locked { content, _ in content.parties } }

  /// How many have arrived in the present round, and wait.
  public var arrived: Int { state.locked { $1.isEmpty ? 0 : $0.arrived } }

  /// Waits until all have arrived. Parks or blocks; the last to come goes on at once, and the others after it in the order in
  /// which they came.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; `CancellationError` and ``TimeoutError`` as every wait. Then it has not
  ///   arrived.
  @discardableResult
  public func wait(until deadline: Deadline = .never) throws -> Arrival {
    enter()
    let round = state.content.pointee.round
    state.content.pointee.arrived += 1
    let woken = completeRound()
    if state.content.pointee.round != round {
      state.lock.release()
      WaitList.wakeAll(woken)
      Hub.spend()
      return Arrival(round: round, isLast: true)
    }
    var waiter = Waiter()
    let reason = WaitReason(.barrier, on: self)
    try withUnsafeMutablePointer(to: &waiter) {
      try state.waiting.wait($0, state.lock, until: deadline, for: reason) {
        self.state.content.pointee.arrived -= 1
        return WaitList()
      }.check()
    }
    return Arrival(round: round, isLast: false)
  }

  /// Says that one of the parties will not come any more: from now on one fewer is waited for, in the present round too.
  /// Never waits.
  public func leave() {
    enter()
    requirement(state.content.pointee.parties > 0, "more have left a barrier than met at it")
    state.content.pointee.parties -= 1
    let woken = completeRound()
    state.lock.release()
    WaitList.wakeAll(woken)
  }

  /// Takes the lock.
  private func enter() {
    state.lock.acquire()
    // Those who waited before this process was forked are the parent's.
    if state.waiting.pointee.isEmpty { state.content.pointee.arrived = 0 }
  }

  /// Begins a new round if all have arrived. With the lock held.
  private func completeRound() -> WaitList {
    let content = state.content
    guard content.pointee.arrived > 0, content.pointee.arrived >= content.pointee.parties else { return WaitList() }
    content.pointee.arrived = 0
    content.pointee.round &+= 1
    return state.waiting.pointee.takeAll()
  }
}
