internal import CFiber

/// A fiber as it was at one moment.
public struct FiberDescription: Sendable {
  /// What a fiber does at the moment.
  public enum State: String, Sendable {
    /// Ready to run, running, or parked until something happens.
    case ready, running, parked
  }

  /// The fiber's number.
  public let id: UInt64
  /// The fiber's name; empty where it has none.
  public let name: String
  /// Whether it runs, is ready or is parked.
  public let state: State
  /// Which of the ready fibers run first.
  public let priority: FiberPriority
  /// What a parked fiber waits for; `nil` for others.
  public let wait: FiberWait?
  /// Whether it has been cancelled.
  public let isCancelled: Bool
  /// The fiber that spawned it, 0 for the first of a hub.
  public let parent: UInt64
  /// Where it was spawned, `file:line`.
  public let site: String
  /// Where it is: its calls, unless they were not asked for.
  public let backtrace: FiberBacktrace?

  init(of fiber: FiberPointer, in hub: Hub, withBacktrace: Bool) {
    let record = fiber.record
    id = fiber.pointee.id
    name = String(cString: cfiber_name(fiber))
    state = record.pointee.state == .parked ? .parked : fiber == cfiber_current() ? .running : .ready
    priority = record.pointee.priority
    wait = state == .parked ? FiberWait(of: fiber, in: hub) : nil
    isCancelled = record.pointee.object?.takeUnretainedValue().isCancelled ?? false
    parent = record.pointee.parent
    site = record.pointee.site.description
    backtrace = withBacktrace ? FiberBacktrace(of: fiber) : nil
  }

  /// One line, without the backtrace.
  public var headline: String {
    var line = "fiber \(id)"
    if !name.isEmpty { line += " \"\(LogText.escaped(name))\"" }
    line += " \(state.rawValue)"
    if let wait {
      line += " for \(wait.duration.inWords), waits for \(wait)"
      if let rest = wait.deadline.remaining { line += ", at most \(rest.inWords) more" }
    }
    if priority == .background { line += ", in the background" }
    if isCancelled { line += ", cancelled" }
    return line + ", spawned at \(site)" + (parent == 0 ? "" : " by fiber \(parent)")
  }
}

extension FiberDescription: CustomStringConvertible {
  public var description: String {
    guard let backtrace else { return headline }
    return ([headline] + backtrace.frames.map { "    \($0)" }).joined(separator: "\n")
  }
}

extension Duration {
  var inWords: String {
    let milliseconds = wholeNanoseconds / 1_000_000
    return milliseconds < 10_000 ? "\(milliseconds) ms" : "\(milliseconds / 1000) s"
  }
}
