internal import Glibc
internal import SystemPackage

/// Changes of one path, seen by looking at it again and again: for paths that may not exist yet, and for network file
/// systems, where ``FileWatcher`` does not see what other machines do. (As libev's `ev_stat`, whose own inotify watches a
/// forked child could only drop together with its parent's.)
///
/// ```swift
/// let watcher = try FileStatusWatcher("/etc/app/app.conf")
/// for status in watcher where status != .missing { reload() }
/// ```
///
/// The path is looked at every interval, and at once when inotify tells of a change there; each look costs a
/// `stat(2)` on a thread of the offload pool, since one on a network file system may take long. Several changes between
/// two looks are one, and a change and its reversal none. The object is used on one thread; a forked child may go on
/// with it.
public final class FileStatusWatcher: Sequence, IteratorProtocol {
  /// The path that is looked at.
  public let path: String
  /// How often the path is looked at when inotify is silent.
  public let interval: Duration
  /// What the path was when it was looked at last.
  public private(set) var status: FileStatus
  private var hints: FileHints?
  private var lastLook = Deadline.now

  /// Looks at the path for the first time: changes are reported from then on. Parks for that.
  ///
  /// - Parameters:
  ///   - path: a file or a folder, which need not exist yet.
  ///   - interval: at least 100 ms; shorter ones are taken as that.
  /// - Throws: as ``offload(until:_:)``.
  public init(_ path: String, interval: Duration = .seconds(5)) throws {
    self.path = path
    self.interval = Swift.max(interval, .milliseconds(100))
    status = .missing
    hints = FileHints(path)
    status = try look()
  }

  /// Waits until the path's status is another than it was last, and returns it. Parks until then; on a plain thread,
  /// blocks.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; as ``offload(until:_:)``.
  public func next(until deadline: Deadline) throws -> FileStatus {
    while true {
      let now = try look()
      if now != status {
        status = now
        return now
      }
      try waitForLook(until: deadline)
    }
  }

  /// Waits for the next change, as ``next(until:)`` without a deadline. `nil` ends a loop over the watcher: when the fiber
  /// is cancelled.
  public func next() -> FileStatus? { try? next(until: .never) }

  private func look() throws -> FileStatus {
    // A forked child must not touch the parent's inotify descriptor: they are one and the same.
    if hints?.isOfThisProcess == false { hints = FileHints(path) }
    lastLook = .now
    let (path, hints) = (path, hints)
    return try offload {
      // Armed first: what changes between the two is seen by one of them.
      hints?.arm()
      return FileStatus.current(of: path)
    }
  }

  private func waitForLook(until deadline: Deadline) throws {
    if deadline.hasPassed { throw Errno.timedOut }
    let end = Swift.min(deadline, lastLook.advanced(by: interval))
    guard let hints, hints.isOfThisProcess else { return try Fiber.sleep(until: end) }
    do {
      try Readiness.wait(for: hints.descriptor, .read, until: end, told: WaitReason(.fileChange))
    } catch Errno.timedOut {
      return
    }
    // A folder in which much happens is not looked at each time: what comes in between is one hint.
    try Fiber.sleep(until: Swift.min(end, lastLook.advanced(by: .milliseconds(20))))
    hints.drain()
  }
}
