internal import CFiber
internal import CLibEv

/// The hub's hot state: see the note on `Hub.state`.
struct HubState {
  let loop: OpaquePointer
  /// The thread's own stack, on which the loop runs.
  let root: FiberPointer
  let pool: OpaquePointer
  /// Fibers of the present snapshot, still to be run.
  var batch = FiberQueue()
  /// Fibers made ready since the snapshot was taken; they run after the loop had its turn.
  var queue = FiberQueue()
  /// A fiber that has made its last switch; its stack is taken back by whoever runs next.
  var finished: FiberPointer?
  /// The list of all fibers.
  var firstAlive: FiberPointer?
  var alive = 0
  var resumedSincePoll = 0

  /// How many fibers may run, while more are ready, before the loop looks at descriptors and timers again.
  static let resumesPerPoll = 64
}

/// A first-in, first-out queue of fibers, linked through their records: no allocation.
struct FiberQueue {
  private(set) var head: FiberPointer?
  private var tail: FiberPointer?

  var isEmpty: Bool { head == nil }

  @inline(__always)
  mutating func append(_ fiber: FiberPointer) {
    fiber.record.pointee.next = nil
    if let tail { tail.record.pointee.next = fiber } else { head = fiber }
    tail = fiber
  }

  @inline(__always)
  mutating func popFirst() -> FiberPointer? {
    guard let fiber = head else { return nil }
    head = fiber.record.pointee.next
    if head == nil { tail = nil }
    return fiber
  }

  mutating func removeAll() {
    head = nil
    tail = nil
  }
}
