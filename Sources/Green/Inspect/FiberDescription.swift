internal import CFiber
internal import Glibc

/// A fiber as it was at one moment.
public struct FiberDescription: Sendable {
  public enum State: String, Sendable {
    case ready, running, parked
  }

  public let id: UInt64
  public let name: String
  public let state: State
  /// What a parked fiber waits for, in words.
  public let wait: String
  /// How long it has waited, measured from the loop's turn in which it began.
  public let waiting: Duration
  /// When the wait ends at the latest.
  public let deadline: Deadline
  public let isCancelled: Bool
  /// The fiber that spawned it, 0 for the first of a hub.
  public let parent: UInt64
  /// Where it was spawned, `file:line`.
  public let site: String
}

extension FiberDescription: CustomStringConvertible {
  public var description: String {
    var line = "fiber \(id)"
    if !name.isEmpty { line += " \"\(name)\"" }
    line += " \(state.rawValue)"
    if state == .parked {
      line += " for \(waiting.inWords) in \(wait)"
      if let rest = deadline.remaining { line += ", at most \(rest.inWords) more" }
    }
    if isCancelled { line += ", cancelled" }
    return line + ", spawned at \(site)" + (parent == 0 ? "" : " by fiber \(parent)")
  }
}

extension Duration {
  fileprivate var inWords: String {
    let milliseconds = wholeNanoseconds / 1_000_000
    return milliseconds < 10_000 ? "\(milliseconds) ms" : "\(milliseconds / 1000) s"
  }
}

/// Every fiber of a hub at one moment, see ``Hub/dump()``.
public struct HubDump: Sendable, CustomStringConvertible {
  public let fibers: [FiberDescription]

  public var description: String { fibers.map(\.description).joined(separator: "\n") }
}

extension Hub {
  /// Every fiber that has not finished, the oldest first: its state, what it waits for and for how long.
  public func dump() -> HubDump {
    var fibers: [FiberDescription] = []
    state.forEachFiber { fibers.append(describe($0)) }
    return HubDump(fibers: fibers.sorted { $0.id < $1.id })
  }

  private func describe(_ fiber: FiberPointer) -> FiberDescription {
    let record = fiber.record
    let isParked = record.pointee.state == .parked
    return FiberDescription(
      id: fiber.pointee.id, name: String(cString: green_fiber_name(fiber)),
      state: isParked ? .parked : record.pointee.state == .running ? .running : .ready,
      wait: isParked ? WaitReason(record.pointee.waitKind, record.pointee.waitDetail).inWords : "",
      waiting: isParked ? .nanoseconds(Deadline.now.nanoseconds - record.pointee.parkedAt) : .zero,
      deadline: isParked ? Deadline(nanoseconds: record.pointee.deadline) : .never,
      isCancelled: record.pointee.object?.takeUnretainedValue().isCancelled ?? false,
      parent: record.pointee.parent, site: record.pointee.site.description)
  }
}

extension WaitReason {
  var inWords: String {
    switch kind {
    case .readable: "a read of descriptor \(detail)"
    case .writable: "a write to descriptor \(detail)"
    default: "\(kind)"
    }
  }
}
