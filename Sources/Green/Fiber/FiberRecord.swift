internal import CFiber

typealias FiberPointer = UnsafeMutablePointer<cfiber_fiber>

enum FiberState: UInt8 {
  case ready, running, parked, finished
}

/// What a fiber's waits are to look at before they begin, as bits: most of it ends them.
struct Interruptions: OptionSet {
  let rawValue: UInt8

  /// The fiber has been cancelled.
  static let cancelled = Interruptions(rawValue: 1)
  /// A ``withDeadline(_:_:)`` is in force.
  static let deadline = Interruptions(rawValue: 2)
  /// A ``BeforeWait`` is armed. It ends no wait, and no shield holds it back.
  static let beforeWait = Interruptions(rawValue: 4)
}

/// What the hub keeps for each fiber, in the room that CFiber leaves for it beside the fiber's stack.
///
/// Unsafe: the record is raw memory, reached by pointer, so that switching neither counts references nor checks
/// exclusive access. It is sound because only the hub's own thread touches it, and because nobody holds a fiber's
/// pointer after the fiber has finished: wait queues hold it only while the fiber is parked in them.
struct FiberRecord {
  /// The next in the ready queue.
  var next: FiberPointer?
  var hub: HubPointer
  var state: FiberState
  var wake = Wake.ready
  var priority: FiberPriority
  /// What the fiber's next wait looks at: of `pending` nothing while it is shielded.
  var interruptions: Interruptions = []
  var pending: Interruptions = []
  /// Locks and other waits that nothing may interrupt.
  var shields: UInt16 = 0
  /// ``withShield(_:)``s around the running code: a cancellation is noted, and takes effect after them.
  var heldBack: UInt16 = 0
  /// ``withEarlyCancellation(_:)``s around the running code.
  var earlyScopes: UInt16 = 0
  /// Waits that ended at once by an interruption, one after the other.
  var refusals: UInt16 = 0
  /// Whether a wait has ended since the scope's deadline had passed.
  var hasMetDeadline = false
  var waitKind = WaitReason.Kind.nothing
  var waitDetail: UInt = 0
  /// When the present park ends at the latest; `Int64.max` for never.
  var deadline: Int64 = .max
  /// When the innermost ``withDeadline(_:_:)`` ends; `Int64.max` outside one.
  var scopeDeadline: Int64
  /// When the fiber was parked, by the time of the loop's last turn.
  var parkedAt: Int64 = 0
  /// When the fiber became ready, in ticks, while that is measured; else 0.
  var readyAt: UInt64 = 0
  /// Ends the present park. It may fire before `deadline`, see `arm`.
  var timer = TimerNode()
  /// The Swift object that is the fiber; retained until it has finished.
  var object: Unmanaged<AnyFiber>?
  /// The list of all fibers of the hub.
  var alive = FiberLinks()
  /// The fibers that wait for a mutex.
  var lockWaiters = FiberLinks()
  /// The values of ``FiberLocal``s; retained.
  var locals: Unmanaged<LocalBinding>?
  /// What it calls before it waits; its owner retains it.
  var beforeWait: Unmanaged<BeforeWait>?
  /// The redirect's: what C code keeps for the fiber.
  var word: UnsafeMutableRawPointer?
  /// What it uses of the heap.
  var workingSet = cfiber_working_set()
  /// Who spawned it, 0 for the first fiber.
  var parent: UInt64
  var site: SpawnSite
}

/// Where in the source a fiber was spawned.
struct SpawnSite: Hashable {
  /// `#fileID`, of the executable's own constants, or what another language gave.
  let file: UnsafePointer<UInt8>
  let line: UInt32

  @inline(__always)
  init(_ file: StaticString, _ line: UInt) {
    self.file = file.utf8Start
    self.line = UInt32(truncatingIfNeeded: line)
  }

  /// Labelled: a literal is a temporary pointer as readily as a constant.
  init(pointingTo file: UnsafePointer<UInt8>, _ line: UInt32) {
    self.file = file
    self.line = line
  }
}

extension SpawnSite: CustomStringConvertible {
  var description: String { "\(String(cString: file)):\(line)" }
}

extension UnsafeMutablePointer where Pointee == cfiber_fiber {
  @inline(__always)
  var record: UnsafeMutablePointer<FiberRecord> {
    cfiber_record(self).assumingMemoryBound(to: FiberRecord.self)
  }

  /// The timer in the record. Unsafe: the heap keeps this address while the timer is set; the record does not move
  /// while its fiber lives.
  @inline(__always)
  var timer: UnsafeMutablePointer<TimerNode> {
    (cfiber_record(self) + MemoryLayout<FiberRecord>.offset(of: \.timer)!)
      .assumingMemoryBound(to: TimerNode.self)
  }

  func makeRecord(hub: HubPointer, object: AnyFiber?, priority: FiberPriority, site: SpawnSite) {
    assert(MemoryLayout<FiberRecord>.size <= Int(GREEN_FIBER_RECORD_BYTES))
    cfiber_record(self).bindMemory(to: FiberRecord.self, capacity: 1).initialize(
      to: FiberRecord(
        hub: hub, state: .running, priority: priority, scopeDeadline: .max,
        object: object.map { .passRetained($0) }, parent: 0, site: site))
  }

  func setName(_ name: String) {
    var name = name
    name.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { cfiber_set_name(self, $0.baseAddress, $0.count) }
    }
  }
}
