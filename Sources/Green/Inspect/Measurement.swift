internal import CFiber

/// What is measured at each switch while somebody wants to know: see ``Hub/measures``.
final class Measurement: HubExtension {
  private(set) var readyLatency = Histogram()
  private(set) var slices = Histogram()
  private(set) var longestSlice: UInt64 = 0
  private(set) var longestSliceName = ""
  private(set) var spawns: [String: Int] = [:]
  /// Ticks when the running fiber was resumed.
  private var resumedAt = cfiber_ticks()
  private let ticksPerTurn: UInt64
  /// Names may be made from requests: so many are told apart, and the rest counted together.
  private static let mostNames = 256
  static let otherNames = "(others)"

  init(ticksPerTurn: UInt64) { self.ticksPerTurn = max(1, ticksPerTurn) }

  private func nanoseconds(_ ticks: UInt64) -> UInt64 {
    let (high, low) = ticks.multipliedFullWidth(by: UInt64(HubState.longestTurn))
    return high >= ticksPerTurn ? .max : ticksPerTurn.dividingFullWidth((high, low)).quotient
  }

  var moments: HubMoments { .switches }

  func fiberSwitches(from: FiberHandle, to: FiberHandle) {
    if from.pointer != to.pointer { switched(from: from.pointer, to: to.pointer) }
  }

  private func switched(from: FiberPointer, to: FiberPointer) {
    let now = cfiber_ticks()
    if from.pointee.slab != nil {
      let slice = nanoseconds(now &- resumedAt)
      slices.add(nanoseconds: slice)
      if slice > longestSlice {
        longestSlice = slice
        longestSliceName = String(cString: cfiber_name(from))
      }
    }
    if to.pointee.slab != nil, to.record.pointee.readyAt != 0 {
      readyLatency.add(nanoseconds: nanoseconds(now &- to.record.pointee.readyAt))
      to.record.pointee.readyAt = 0
    }
    resumedAt = now
  }

  func fiberReady(_ fiber: FiberHandle) { fiber.pointer.record.pointee.readyAt = cfiber_ticks() }

  func fiberSpawned(_ fiber: FiberHandle) {
    let name = String(cString: cfiber_name(fiber.pointer))
    if spawns[name] != nil || spawns.count < Self.mostNames {
      spawns[name, default: 0] += 1
    } else {
      spawns[Self.otherNames, default: 0] += 1
    }
  }

  var longest: Duration { .nanoseconds(Int64(clamping: longestSlice)) }
}
