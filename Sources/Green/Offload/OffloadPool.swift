internal import CGlibc
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Threads that make blocking calls for fibers.
///
/// There is no thread until something is offloaded. A call goes to a thread that has nothing to do; else to a new one,
/// up to ``maximum``; else it waits its turn, first come first served. A thread that has had nothing to do for the idle
/// timeout ends. The threads block all signals but those of faults, and know no hub: what runs there blocks as it does
/// anywhere, and cannot spawn fibers.
///
/// When a fiber's wait ends early, by its deadline or because the fiber was cancelled, a call that has not begun does not
/// begin, and one that runs goes on, its result being dropped.
///
/// A forked child begins with no thread and no call, and the pool works there. What Green cannot mend are locks that the
/// Swift runtime itself held at that moment on another thread, as it does where a thread uses a type for the first time:
/// the child waits for it for ever. A process that forks without `exec` does so best before it offloads anything.
public final class OffloadPool: Sendable {
  /// The pool that ``offload(until:_:)`` uses: at most ``Settings/offloadThreads`` threads, each ending after 5 s without
  /// work.
  public static let `default` = OffloadPool(maximum: Settings.offloadThreads.value)

  /// Unsafe: an address of a ``OffloadCore`` that is retained for as long as this pool lives.
  private let core: Atomic<UInt>
  private let idleTimeout: Duration

  /// - Parameters:
  ///   - maximum: the most threads at once, at least 1.
  ///   - idleTimeout: how long a thread waits for work before it ends.
  public init(maximum: Int = 10, idleTimeout: Duration = .seconds(5)) {
    self.idleTimeout = idleTimeout
    core = Atomic(Self.retained(OffloadCore(maximum: maximum, idleTimeout: idleTimeout, previous: nil)))
  }

  deinit {
    let core = Self.object(core.load(ordering: .acquiring))
    // What the parent's calls hold is never freed in a child.
    guard core.takeUnretainedValue().generation == ForkHandler.generation else { return }
    core.takeUnretainedValue().close()
    core.release()
  }

  /// The most threads at once, at least 1. Threads above a lowered maximum end when they have nothing to do.
  public var maximum: Int {
    get { current.maximum }
    set { current.maximum = newValue }
  }

  /// What the pool is doing at this moment.
  public struct Statistics: Sendable, Hashable {
    /// Threads that exist.
    public let threads: Int
    /// Calls that wait for a thread.
    public let queued: Int
    /// Calls that are being made.
    public let running: Int
  }

  /// What the pool is doing now. Never waits.
  public var statistics: Statistics { current.statistics }

  /// As ``offload(until:_:)``, on this pool.
  public func run<Value>(
    until deadline: Deadline = .never, _ body: @escaping @Sendable () throws -> sending Value
  ) throws -> Value {
    guard Hub.running != nil else { return try body() }
    return try runOnThread(until: deadline, body)
  }

  /// As ``run(until:_:)``, on a thread of the pool also where the caller is a plain thread, which then blocks.
  func runOnThread<Value>(until deadline: Deadline, _ body: @escaping @Sendable () throws -> sending Value) throws
    -> Value
  {
    if deadline.hasPassed { throw Errno.timedOut }
    let (core, job) = (current, OffloadCall(body))
    try core.submit(job)
    do {
      try job.wait(until: deadline)
    } catch {
      core.abandon(job)
      throw error
    }
    return try job.result()
  }

  /// As ``run(until:_:)``, where a call whose wait ends early is made all the same, also when it has not begun.
  func runToEnd<Value>(_ body: @escaping @Sendable () throws -> sending Value) throws -> Value {
    let (core, job) = (current, OffloadCall(body))
    try core.submit(job)
    try job.wait(until: .never)
    return try job.result()
  }

  /// This process's part of the pool: a child begins with a new one, whose lock is free and whose threads do exist. What
  /// the parent's calls hold belongs to the parent, and is kept.
  private var current: OffloadCore {
    let address = core.load(ordering: .acquiring)
    let core = Self.object(address).takeUnretainedValue()
    if core.generation == ForkHandler.generation { return core }
    let made = Self.retained(OffloadCore(maximum: core.maximum, idleTimeout: idleTimeout, previous: core))
    if self.core.compareExchange(expected: address, desired: made, ordering: .acquiringAndReleasing).exchanged {
      Self.object(address).release()
    } else {
      Self.object(made).release()
    }
    return self.current
  }

  private static func retained(_ core: OffloadCore) -> UInt {
    UInt(bitPattern: Unmanaged.passRetained(core).toOpaque())
  }

  private static func object(_ address: UInt) -> Unmanaged<OffloadCore> {
    Unmanaged.fromOpaque(UnsafeRawPointer(bitPattern: address)!)
  }
}
