internal import CSpawn
internal import Glibc
internal import SystemPackage

/// A program that runs as a child of this process.
///
/// ```swift
/// let sort = try ChildProcess.spawn(["sort", "-n"], input: .pipe, output: .pipe)
/// try sort.standardInput!.write("3\n1\n2\n")
/// sort.standardInput!.close()
/// let sorted = try sort.standardOutput!.readAll()
/// let status = try sort.wait()
/// ```
///
/// ``run(_:input:environment:workingDirectory:group:until:)`` does all that in one call. The process's end is seen through
/// a descriptor of its own (`pidfd_open(2)`), so no `SIGCHLD` handler is set and no other child is touched; before Linux
/// 5.3, and where a sandbox forbids it, through `SIGCHLD`.
///
/// An object that goes away leaves its process running, and no zombie behind: the hub reaps it when it ends; without a hub,
/// or without such a descriptor, the next ``spawn(_:input:output:error:environment:workingDirectory:group:)`` does. The
/// object is used on one thread.
public final class ChildProcess {
  /// The process id. Once the process has been waited for, the system may give it to another.
  public let pid: Int32
  /// This side of the pipes that were asked for.
  public let standardInput: ChildPipe?
  /// This side of the pipe from its standard output, where one was asked for.
  public let standardOutput: ChildPipe?
  /// This side of the pipe from its standard error, where one was asked for.
  public let standardError: ChildPipe?
  private let hasGroup: Bool
  private let generation = ForkHandler.generation
  /// Readable once the process has ended; -1 where there is no such descriptor.
  private var descriptor: CInt
  private var knownStatus: ExitStatus?

  init(
    pid: Int32, descriptor: CInt, hasGroup: Bool, _ standardInput: ChildPipe?, _ standardOutput: ChildPipe?,
    _ standardError: ChildPipe?
  ) {
    self.pid = pid
    self.descriptor = descriptor
    self.hasGroup = hasGroup
    self.standardInput = standardInput
    self.standardOutput = standardOutput
    self.standardError = standardError
    if descriptor >= 0 { DescriptorOwners.opened(descriptor) }
  }

  /// A child that was started otherwise, by `fork` or a library: to wait for it without blocking the hub. Nobody else may
  /// wait for it.
  public convenience init(adopting pid: Int32) {
    self.init(pid: pid, descriptor: cspawn_open(pid), hasGroup: false, nil, nil, nil)
  }

  deinit {
    if knownStatus == nil && generation == ForkHandler.generation && ChildReaper.isRunning(pid) {
      ChildReaper.adopt(pid, descriptor)
    } else {
      closeDescriptor()
    }
  }

  /// How the process ended, `nil` while it runs. Does not park.
  ///
  /// - Throws: ``ChildProcessError/statusLost(_:)``, ``ChildProcessError/childOfAnother(_:)``.
  public var status: ExitStatus? {
    get throws {
      try checkOwnership()
      return try reap()
    }
  }

  /// Waits until the process has ended. Parks until then; on a plain thread, blocks. Any number of fibers may wait.
  ///
  /// - Throws: `Errno.timedOut` at the deadline: the process runs on. ``ChildProcessError/statusLost(_:)``,
  ///   ``ChildProcessError/childOfAnother(_:)``. See `waitid(2)`.
  public func wait(until deadline: Deadline = .never) throws -> ExitStatus {
    try checkOwnership()
    if let status = try reap() { return status }
    if descriptor < 0 { return try waitBySignal(until: deadline) }
    while true {
      do {
        try Readiness.wait(
          for: descriptor, .read, until: deadline, told: WaitReason(.child, UInt(truncatingIfNeeded: Int(pid))))
      } catch {
        // Another fiber was first, and has closed the descriptor; or the process ended just in time.
        if let status = try reap() { return status }
        throw error
      }
      if let status = try reap() { return status }
    }
  }

  private func waitBySignal(until deadline: Deadline) throws -> ExitStatus {
    let signals = try Signals(.child)
    while true {
      if let status = try reap() { return status }
      _ = try signals.next(until: deadline)
    }
  }

  /// Sends the process a signal; one that has been waited for gets none. A process that has ended and has not been waited
  /// for takes any signal without effect.
  ///
  /// - Throws: `Errno.notPermitted` for a process that runs as another user; ``ChildProcessError/childOfAnother(_:)``.
  ///   See `pidfd_send_signal(2)`.
  public func kill(_ signal: Signal = .kill) throws {
    try checkOwnership()
    guard knownStatus == nil else { return }
    if cspawn_signal(pid, descriptor, signal.rawValue) < 0 && errno != ESRCH { throw Errno(rawValue: errno) }
  }

  /// Sends a signal to every process of the group that the process was started in.
  ///
  /// - Throws: ``ChildProcessError/noGroup(_:)`` when it was not given one; as ``kill(_:)``.
  public func killGroup(_ signal: Signal = .kill) throws {
    try checkOwnership()
    guard hasGroup else { throw ChildProcessError.noGroup(pid) }
    // Until it is waited for, the number is its own.
    guard knownStatus == nil else { return }
    if Glibc.kill(-pid, signal.rawValue) < 0 && errno != ESRCH { throw Errno(rawValue: errno) }
  }

  /// Asks the process to end, by `SIGTERM`, and kills it when it has not ended after `grace`. Parks until it has ended.
  ///
  /// When the wait is broken off, by cancellation, the process is killed at once.
  public func terminate(grace: Duration = .seconds(5)) throws -> ExitStatus {
    try kill(.terminate)
    do {
      return try wait(until: .after(grace))
    } catch Errno.timedOut {
      try kill()
      return try wait()
    } catch {
      try? kill()
      throw error
    }
  }

  /// Kills the process, with its group where it has one, and takes its status away.
  func abandon() {
    _ = hasGroup ? try? killGroup() : try? kill()
    // It ends at once. Where it does not, or nothing may be waited for any more, whoever drops the object sees to it.
    _ = try? wait(until: .after(.seconds(1)))
  }

  private func checkOwnership() throws {
    if generation != ForkHandler.generation { throw ChildProcessError.childOfAnother(pid) }
  }

  private func reap() throws -> ExitStatus? {
    if let knownStatus { return knownStatus }
    guard let status = try ExitStatus.reap(pid) else { return nil }
    knownStatus = status
    closeDescriptor()
    return status
  }

  private func closeDescriptor() {
    guard descriptor >= 0 else { return }
    let closing = descriptor
    descriptor = -1
    DescriptorOwners.close(closing)
  }
}
