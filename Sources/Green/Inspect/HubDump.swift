internal import CFiber
internal import CInspect
internal import Glibc

/// Every fiber of a hub at one moment, see ``Hub/dump(backtraces:)``.
public struct HubDump: Sendable {
  /// The process, and the thread that runs the hub.
  public let process: Int32
  /// The thread that runs the hub: its number in the kernel.
  public let thread: Int32
  /// The fibers that had not finished, the oldest first.
  public let fibers: [FiberDescription]

  /// The fiber of that number; `nil` where there is none.
  public func fiber(_ id: UInt64) -> FiberDescription? { fibers.first { $0.id == id } }
}

extension HubDump: CustomStringConvertible {
  /// The dump as text: a line for each fiber and below it a line for each of its calls. Where many fibers are at the same
  /// place, their calls are listed once.
  public var description: String {
    let parked = fibers.count { $0.state == .parked }
    var lines = [
      "hub of thread \(thread) in process \(process): \(fibers.count) fibers, of which \(parked) wait"
    ]
    var first: [FiberBacktrace: UInt64] = [:]
    for fiber in fibers {
      lines.append(fiber.headline)
      guard let backtrace = fiber.backtrace else { continue }
      if let same = first[backtrace] {
        lines.append("    as fiber \(same)")
      } else {
        first[backtrace] = fiber.id
        lines += backtrace.frames.map { "    \($0)" }
      }
    }
    return lines.joined(separator: "\n")
  }
}

extension Hub {
  /// Every fiber that has not finished: its state, what it waits for and for how long, who spawned it and where, and its
  /// calls. To be called on the hub's thread, in a fiber or outside; other threads ask through ``remote``. Does not park.
  ///
  /// Costs some microseconds a fiber, most of them for the calls; names and lines are looked up when the dump is printed.
  ///
  /// - Parameter backtraces: whether to take the fibers' calls.
  public func dump(backtraces: Bool = true) -> HubDump {
    var fibers: [FiberDescription] = []
    state.forEachFiber { fibers.append(FiberDescription(of: $0, in: self, withBacktrace: backtraces)) }
    return HubDump(process: getpid(), thread: cinspect_thread_id(), fibers: fibers.sorted { $0.id < $1.id })
  }
}
