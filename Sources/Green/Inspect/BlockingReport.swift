internal import CInspect

/// A fiber that kept the hub's thread to itself for longer than it may, see ``Hub/watchdog(limit:report:)``.
public struct BlockingReport: Sendable {
  /// What the thread was doing when it was noticed.
  public enum Cause: Sendable {
    /// Code ran.
    case computing
    /// A system call blocked the thread.
    case systemCall
    /// A lock or semaphore that belongs to no fiber blocked the thread: `Synchronization.Mutex`, `DispatchSemaphore`, or
    /// whatever else goes to futex(2) directly.
    case lock
  }

  /// The fiber, 0 for a callback of the hub's loop.
  public let fiber: UInt64
  /// The fiber's name; empty where it has none.
  public let name: String
  /// The fiber that spawned it.
  public let parent: UInt64
  /// Where it was spawned, `file:line`.
  public let site: String
  /// How long it kept the thread, at least.
  public let duration: Duration
  /// How long it may keep the thread.
  public let limit: Duration
  /// What the thread was doing.
  public let cause: Cause
  /// Its calls when it was noticed.
  public let backtrace: FiberBacktrace
  /// How many more of the same place came since the last report of it.
  public let suppressed: Int

  init(_ sample: cinspect_sample, limit: Duration, backtrace: FiberBacktrace, suppressed: Int) {
    fiber = sample.fiber
    name = withUnsafeBytes(of: sample.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    parent = sample.parent
    let file = sample.site_file?.assumingMemoryBound(to: UInt8.self)
    site = sample.fiber == 0 ? "" : file.map { "\(String(cString: $0)):\(sample.site_line)" } ?? ""
    duration = .nanoseconds(sample.held)
    self.limit = limit
    switch sample.cause {
    case CINSPECT_FUTEX: cause = .lock
    case CINSPECT_SYSTEM_CALL: cause = .systemCall
    default: cause = .computing
    }
    self.backtrace = backtrace
    self.suppressed = suppressed
  }
}

extension BlockingReport: CustomStringConvertible {
  public var description: String {
    let advice = knownBlocker.map { ["    \($0)"] } ?? []
    return ([headline] + advice + backtrace.frames.map { "    \($0)" }).joined(separator: "\n")
  }

  /// What was called that the redirect cannot catch, where that is known. Looks the calls' names up.
  public var knownBlocker: KnownBlocker? {
    // Code that computes may do so with a lock held.
    if case .computing = cause { return nil }
    return KnownBlocker.among(backtrace.allFrames)
  }

  /// One line, without the backtrace.
  public var headline: String {
    var line = fiber == 0 ? "a callback of the loop" : "fiber \(fiber)"
    if !name.isEmpty { line += " \"\(LogText.escaped(name))\"" }
    line += " held the thread for at least \(duration.inWords); the limit is \(limit.inWords)"
    if !site.isEmpty { line += ", spawned at \(site)" + (parent == 0 ? "" : " by fiber \(parent)") }
    switch cause {
    case .computing: line += ": it computed; Fiber.yield() now and then, or offload { }, lets others run"
    case .systemCall:
      line += ": it was in a system call; with GreenRedirect, Green's own calls or offload { } others run meanwhile"
    case .lock:
      line += ": it was in a lock or semaphore that blocks the thread; with those of Green others run meanwhile"
    }
    if suppressed > 0 { line += "; \(suppressed) more since the last report" }
    return line
  }
}
