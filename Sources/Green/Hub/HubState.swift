internal import CFiber
internal import CLibEv

/// A hub, as its own thread reaches it: everything on the way of a wait hangs on this pointer.
///
/// Unsafe: hot state behind a pointer instead of in the stored properties of a class, because reaching a class counts
/// references, and Swift checks exclusive access to its properties at run time. Only the hub's thread uses it, and the
/// hub outlives its fibers.
typealias HubPointer = UnsafeMutablePointer<HubState>

struct HubState {
  let loop: OpaquePointer
  /// The thread's own stack, on which the loop runs.
  let root: FiberPointer
  let pool: OpaquePointer
  let object: Unmanaged<Hub>
  let descriptorTable: Unmanaged<DescriptorTable>
  /// Fibers of the present snapshot, still to be run.
  var batch = FiberQueue()
  /// Fibers made ready since the snapshot was taken; they run after the loop had its turn.
  var queue = FiberQueue()
  /// Ready fibers of ``FiberPriority/background``.
  var background = FiberQueue()
  /// A fiber that has made its last switch; its stack is taken back by whoever runs next.
  var finished: FiberPointer?
  var timers = TimerHeap()
  /// Gives the memory of stacks back when the hub has been idle for a while.
  var trimmer = TimerNode()
  var buffers = KeptBuffers()
  var fibers = FiberChain<AliveLinks>()
  /// How many these are.
  var alive = 0
  /// How many fibers were ever spawned.
  var spawned: UInt64 = 0
  /// The clock at the loop's last turn, in nanoseconds.
  var turnTime: Int64 = 0
  /// The same when it last looked for libraries that were opened.
  var librariesFollowed: Int64 = 0
  /// The same in ticks, and how many of them are the longest that a turn should take.
  var ticksAtTurn: UInt64 = 0
  var longestTurnInTicks: UInt64 = 0
  /// Whether the loop has its turn once the fibers of the snapshot have run.
  var isTurnDue = false
  /// The present moment of a hub with virtual time; 0 where time is real.
  var virtualNow: Int64 = 0
  /// How long, in nanoseconds of real time, such a hub waits for the world outside before its time moves on,
  var patience: Int64 = 0
  /// when the latest function of a timer was called, in its time,
  var latestCall: Int64 = .min
  /// and `switches` when its time last moved on.
  var switchesWhenMoved: UInt64 = 0
  /// Who chooses the next of the ready fibers; `nil` where the first come is the first served.
  var choice: (any ReadyOrder)?

  /// How often a fiber has been resumed.
  var switches: UInt64 = 0
  /// `switches` at the loop's last turn.
  var switchesAtTurn: UInt64 = 0
  /// Calls that found what they wanted without waiting, see `spend`.
  var spent: UInt64 = 0
  var switchesWhenSpent: UInt64 = .max
  /// The same for system calls, by what they moved.
  var transferBudget = HubState.bytesPerSlice
  var switchesWhenTransferred: UInt64 = .max
  /// Turns of the loop.
  var turns: UInt64 = 0
  /// How often the loop was told of a descriptor that it is ready, in all,
  var firings: UInt64 = 0
  /// and up to the last turn.
  var firingsBeforeTurn: UInt64 = 0
  /// Calls of `select`: what it chooses by where it has a choice.
  var selections: UInt64 = 0

  /// Parked waits that something outside the hub may end: descriptors, other threads' work.
  var externalWaits = 0
  /// In a forked child, until the loop's first turn.
  var hasForked = false

  var lockWaiters = LockWaiters()

  /// Somebody wants to hear of each switch, or to choose who is next; a signal handler may set it.
  var isObserved = false
  /// The moments that some extension wants to hear of.
  var moments: HubMoments = []
  /// The extensions that watch switches.
  var watching: [any HubExtension] = []
  /// Fibers that nothing can end are left as they are, and the hub with them.
  var isAbandoned = false
  /// Where other threads alone may wake a fiber.
  var pauseBesideThreads = PauseBesideThreads()
  /// How often a lock that another thread has was waited for in vain, where time is virtual.
  var looksInVain = 0

  /// How many unused stacks keep their memory in an idle hub, and after how long, in nanoseconds.
  static let stacksKept = 64
  static let idleTime: Int64 = 1_000_000_000

  /// Of how many fibers the processor's first cache holds what they use, roughly.
  static let fibersInCache = 128

  /// How many waits in a row an ended fiber may try before that is reported.
  static let refusalsToReport: UInt16 = 1000

  /// What system calls may move before others have their turn, a tenth of a millisecond or two; and as how many bytes each
  /// call counts besides.
  static let bytesPerSlice = 1 << 20
  static let bytesPerCall = 1 << 14

  /// How many fibers may run, while more are ready, before the loop looks at descriptors and timers again,
  static let resumesPerTurn: UInt64 = 256
  /// and after how many it looks whether it has been too long,
  static let resumesPerLook: UInt64 = 8
  /// which is this long, in nanoseconds,
  static let longestTurn: Int64 = 1_200_000
  /// and this much longer for so many descriptors that were ready when it looked last: 100 µs each, of which being told
  /// again takes less than a hundredth,
  static let firingsPerTurn: UInt64 = 20
  /// but never more than a tenth of a second, which is this many turns.
  static let turnsAtMost: UInt64 = 50
  /// How often, in nanoseconds, it looks for libraries that were opened.
  static let followingInterval: Int64 = 1_000_000
}

/// A first-in, first-out queue of fibers, linked through their records: no allocation.
struct FiberQueue {
  private(set) var head: FiberPointer?
  private var tail: FiberPointer?

  @inline(__always)
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

extension UnsafeMutablePointer where Pointee == HubState {
  /// The hub as the object that it is to everybody else.
  var hub: Hub { pointee.object.takeUnretainedValue() }

  @inline(__always)
  var table: DescriptorTable { pointee.descriptorTable.takeUnretainedValue() }
}
