internal import CFiber

/// What a hub has counted, see ``Hub/counters``.
public struct HubCounters: Sendable {
  /// How often a fiber was resumed.
  public let switches: UInt64
  /// Turns of the loop.
  public let turns: UInt64
  /// Fibers spawned in all.
  public let spawned: UInt64
  /// Fibers that have not finished.
  public let alive: Int
  /// Fibers that wait.
  public let parked: Int
  /// Fibers that wait for something outside the hub.
  public let waitingOutside: Int
  /// Descriptors that fibers wait for.
  public let descriptors: Int
  /// Timers that are set.
  public let timers: Int

  /// Stacks in use.
  public let stacksInUse: Int
  /// The most stacks that were in use at once.
  public let stacksHighWater: Int
  /// Stacks that exist.
  public let stacksMapped: Int
  /// Unused stacks whose memory is kept.
  public let stacksKept: Int
  /// Usable bytes of each stack.
  public let stackSize: Int
  /// The address space of all stacks that exist. Only touched pages take memory.
  public var mappedBytes: Int { stacksMapped * stackSize }

  /// How long fibers were ready before they ran, while ``Hub/measures`` is on.
  public let readyLatency: Histogram
  /// How long fibers ran at a time, while ``Hub/measures`` is on.
  public let slices: Histogram
  /// The longest time that a fiber ran, while ``Hub/measures`` is on.
  public let longestSlice: Duration
  /// The name of the fiber that ran for ``longestSlice``.
  public let longestSliceName: String
  /// How many fibers of each name were spawned, while ``Hub/measures`` is on. 256 names are kept apart; the rest is counted
  /// as `(others)`.
  public let spawns: [String: Int]
}

extension HubCounters: CustomStringConvertible {
  public var description: String {
    var lines = [
      "\(switches) switches in \(turns) turns; \(spawned) fibers spawned, of which \(alive) are alive and \(parked) wait",
      "\(descriptors) descriptors waited for, \(timers) timers set",
      "stacks of \(stackSize / 1024) KB: \(stacksInUse) in use, at most \(stacksHighWater) at once, \(stacksMapped) in all",
    ]
    if slices.count > 0 {
      lines += [
        "ready before they ran: \(readyLatency)", "ran at a time: \(slices)",
        "the longest: \(longestSlice.inShort) of \"\(longestSliceName)\"",
      ]
      lines += spawns.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "spawned \"\($0.key)\": \($0.value)" }
    }
    return lines.joined(separator: "\n")
  }
}

extension Hub {
  /// What the hub has counted so far. To be called on its thread. Costs a look at every fiber and descriptor.
  public var counters: HubCounters {
    let stacks = cfiber_pool_inspect(state.pointee.pool)
    let measurement = attached(Measurement.self)
    var parked = 0
    state.forEachFiber { if $0.record.pointee.state == .parked { parked += 1 } }
    return HubCounters(
      switches: state.pointee.switches, turns: state.pointee.turns, spawned: state.pointee.spawned,
      alive: state.pointee.alive, parked: parked, waitingOutside: state.pointee.externalWaits,
      descriptors: descriptors.waitedCount, timers: state.pointee.timers.count, stacksInUse: stacks.in_use,
      stacksHighWater: stacks.high_water, stacksMapped: stacks.mapped, stacksKept: stacks.warm,
      stackSize: stacks.stack_size, readyLatency: measurement?.readyLatency ?? Histogram(),
      slices: measurement?.slices ?? Histogram(), longestSlice: measurement?.longest ?? .zero,
      longestSliceName: measurement?.longestSliceName ?? "", spawns: measurement?.spawns ?? [:])
  }

  /// Whether the times of ``HubCounters`` are measured: some 50 ns more for each switch, nothing while it is off. Switched
  /// on, it begins anew.
  public var measures: Bool {
    get { attached(Measurement.self) != nil }
    set {
      let present = attached(Measurement.self)
      if let present, !newValue { detach(present) }
      if present == nil && newValue { attach(Measurement(ticksPerTurn: state.pointee.longestTurnInTicks)) }
    }
  }
}
