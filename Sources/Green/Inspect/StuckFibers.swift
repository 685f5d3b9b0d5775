internal import CFiber

// Fibers that wait for one another wait for ever, while the rest of the program may go on and never show it.

extension Hub {
  /// The fibers that nobody can wake any more, although others may run: each waits without a deadline for the end of
  /// fibers or for a lock that fibers hold, and all of these wait in the same way. Only cancelling one of them helps.
  ///
  /// What is found is certain, and not all is found: a fiber that waits for a channel, an event or a promise may be woken by
  /// whoever knows of that, and so it is never among them. (Where no fiber at all can go on, ``HubError/deadlock(_:)`` says so.)
  ///
  /// On the hub's thread. Costs a look at every fiber. `GREEN_LEAK_CHECK` in the environment reports them without code.
  public func stuckFibers() -> [FiberDescription] {
    var graph = WaitGraph(of: self)
    return graph.stuck().map { FiberDescription(of: $0, in: self, withBacktrace: true) }
  }
}

/// A group or another object whose waiters are woken by the ends of certain fibers.
protocol AwaitsFibers: AnyObject {
  /// The fibers of which any one's end wakes those who wait.
  var awaitedFibers: [AnyFiber] { get }
}

/// Who waits for whom.
private struct WaitGraph {
  /// The fibers that wait for others alone, and for which of them.
  private var waits: [FiberPointer: [UInt64]] = [:]

  init(of hub: Hub) {
    hub.state.forEachFiber { fiber in
      if let others = fiber.awaitedFibers, !others.isEmpty { waits[fiber] = others }
    }
  }

  /// Those of whom every one that could wake them is among them.
  mutating func stuck() -> [FiberPointer] {
    var count: Int
    repeat {
      count = waits.count
      let numbers = Set(waits.keys.map(\.pointee.id))
      waits = waits.filter { $1.allSatisfy(numbers.contains) }
    } while waits.count < count
    return waits.keys.sorted { $0.pointee.id < $1.pointee.id }
  }
}

extension FiberPointer {
  /// The numbers of the fibers that alone can end the wait of the parked fiber; `nil` where something else may.
  fileprivate var awaitedFibers: [UInt64]? {
    guard record.pointee.state == .parked, record.pointee.deadline == .max else { return nil }
    switch record.pointee.waitKind {
    case .fiber, .group:
      // Unsafe: what a fiber waits for lives as long as the wait, and this is asked on the hub's thread.
      guard let address = UnsafeRawPointer(bitPattern: record.pointee.waitDetail) else { return nil }
      let object = Unmanaged<AnyObject>.fromOpaque(address).takeUnretainedValue()
      return ((object as? AnyFiber).map { [$0] } ?? (object as? any AwaitsFibers)?.awaitedFibers)?.map(\.id)
    default: return awaitedHolders
    }
  }
}

/// Reports fibers that are stuck, each once: ``Settings/leakCheck``.
final class LeakCheck: HubExtension {
  private let period: Int64
  private var next: Int64 = 0
  private var told: Set<UInt64> = []

  init(every period: Duration) { self.period = period.wholeNanoseconds }

  // A timer would keep a hub from finding that none of its fibers can go on.
  var moments: HubMoments { .sleeps }

  func loopSleeps() {
    let now = Deadline.realNow.nanoseconds
    guard now >= next, let hub = Hub.current else { return }
    next = now + period
    let stuck = hub.stuckFibers()
    let new = stuck.filter { !told.contains($0.id) }
    told = Set(stuck.map(\.id))
    if new.isEmpty { return }
    let subject = new.count == 1 ? "a fiber waits" : "\(new.count) fibers wait"
    Report.message("\(subject) for what can never happen\n" + new.map(\.description).joined(separator: "\n"))
  }

  func hubForked(_ hub: Hub) { told = [] }
}
