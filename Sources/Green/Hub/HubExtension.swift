internal import CFiber

/// Something that stands on a hub and is unknown to it: a watchdog, a tracer, what runs Swift's tasks, what looks up names.
/// The hub keeps it from ``Hub/attach(_:)`` on, and tells it of these moments, on the hub's thread. None of the functions
/// may park.
package protocol HubExtension: AnyObject {
  /// The frequent moments that it is told of. Asked when it is attached.
  var moments: HubMoments { get }

  /// This is a forked child: the hub's other fibers and its watchers are gone, and its loop is about to be made anew.
  func hubForked(_ hub: Hub)
  /// The hub was about to end, and goes on: another thread has posted the beginning of more.
  func hubGoesOn(_ hub: Hub)
  /// The hub is about to end. Those attached last are told first.
  func hubEnds(_ hub: Hub)

  /// ``HubMoments/switches``: the running fiber, or the loop, gives the thread back.
  ///
  /// - Returns: whether the loop is to have its turn now, whoever is ready.
  func claimsTurn() -> Bool
  /// ``HubMoments/switches``: `from` runs no more, and `to` goes on; both may be the same, and either may be the loop.
  func fiberSwitches(from: FiberHandle, to: FiberHandle)
  /// ``HubMoments/switches``: the fiber has been made ready.
  func fiberReady(_ fiber: FiberHandle)
  /// ``HubMoments/switches``: the fiber was made, and has its name.
  func fiberSpawned(_ fiber: FiberHandle)
  /// ``HubMoments/switches``: whether it has to look at the next switch too. One that says no is asked for again by who
  /// sets the hub's `isObserved`: a signal handler.
  var isWatching: Bool { get }

  /// ``HubMoments/fiberEnds``: the fiber's function has returned; called in the fiber. Its values are still there.
  func fiberEnds(_ fiber: FiberHandle)
  /// ``HubMoments/stacks``: the fiber has made its last switch, and its stack is as it left it.
  func fiberLeft(_ fiber: FiberHandle)

  /// ``HubMoments/sleeps``: the loop is about to wait in the kernel.
  func loopSleeps()
  /// ``HubMoments/sleeps``: it has come back.
  func loopWakes()
}

extension HubExtension {
  package var moments: HubMoments { [] }
  package func hubForked(_ hub: Hub) {}
  package func hubGoesOn(_ hub: Hub) {}
  package func hubEnds(_ hub: Hub) {}
  package func claimsTurn() -> Bool { false }
  package func fiberSwitches(from: FiberHandle, to: FiberHandle) {}
  package func fiberReady(_ fiber: FiberHandle) {}
  package func fiberSpawned(_ fiber: FiberHandle) {}
  package var isWatching: Bool { true }
  package func fiberEnds(_ fiber: FiberHandle) {}
  package func fiberLeft(_ fiber: FiberHandle) {}
  package func loopSleeps() {}
  package func loopWakes() {}
}

/// Moments that come so often that they cost nothing where no extension wants to be told of them.
package struct HubMoments: OptionSet, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Each switch of the thread from one fiber to another, and each fiber that is made or becomes ready.
  package static let switches = HubMoments(rawValue: 1)
  /// The end of each fiber.
  package static let fiberEnds = HubMoments(rawValue: 2)
  /// The stack of each fiber that has ended. As long as somebody looks at these, no fiber gives back unused memory of its.
  package static let stacks = HubMoments(rawValue: 4)
  /// Each wait of the loop in the kernel.
  package static let sleeps = HubMoments(rawValue: 8)
}

/// A fiber as extensions are told of it, or the hub's loop. Valid until the call that it was given to returns.
package struct FiberHandle {
  let pointer: FiberPointer

  @inline(__always)
  init(_ pointer: FiberPointer) { self.pointer = pointer }

  /// The fiber that the calling code runs in; `nil` outside fibers.
  package static var running: FiberHandle? { Hub.running.map { FiberHandle($0.fiber) } }

  /// The hub that the fiber belongs to.
  package var hub: Hub { pointer.record.pointee.hub.hub }

  /// A word of the fiber's for the redirect. The address is valid while the fiber lives.
  package var word: UnsafeMutablePointer<UnsafeMutableRawPointer?> {
    // Unsafe: the record does not move while its fiber lives.
    (cfiber_record(pointer) + MemoryLayout<FiberRecord>.offset(of: \.word)!)
      .assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
  }
}

/// Who decides which of the ready fibers of normal priority is next, where that is not the one that came first.
protocol ReadyOrder: AnyObject {
  /// Whether it holds no fiber.
  var isEmpty: Bool { get }
  /// Takes what has become ready over.
  func take(_ queue: inout FiberQueue)
  /// The next of those that were taken over.
  func next() -> FiberPointer?
  /// Whether a fiber that could go on is to give way.
  func interrupts() -> Bool
  /// In a forked child, which has none of the fibers.
  func removeAll()
}
