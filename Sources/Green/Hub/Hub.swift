internal import CFiber
internal import CLibEv
internal import Glibc
internal import SystemPackage

/// The scheduler of one thread: a ready queue of fibers and the libev loop that they wait in.
///
/// A hub belongs to the thread that runs it, and its fibers never leave that thread, so nothing on the way from a
/// descriptor becoming readable to the fiber going on takes a lock. While any fiber is ready the hub runs fibers; when
/// none is, the thread sleeps in the kernel until a descriptor, a timer or another thread wakes it.
///
/// ```swift
/// try Hub.run {
///   let first = Fiber.spawn { try fetch("a") }
///   let second = Fiber.spawn { try fetch("b") }
///   print(try first.value, try second.value)
/// }
/// ```
public final class Hub {
  let state: HubPointer
  /// Wake-ups from other threads: the one door into the hub from outside.
  let remoteWakes: RemoteWakes
  let alarm: LoopAlarm
  let descriptors: DescriptorTable
  /// What the loop watches without a fiber.
  let loopWatchers: LoopWatchers
  /// What watches libdispatch's main queue; whether a fiber runs it, and has something more to run.
  var mainQueue: LoopWatcher?
  var isMainQueueRunning = false
  var isMainQueueWanted = false
  /// Set when every fiber was found to wait in vain.
  var deadlock: HubError?
  var ownWatchdog: Watchdog?
  private var ownNames: NameService?
  /// Name services of earlier configurations, which may have questions under way.
  private var retiredNames: [NameService] = []
  private var ownResolverConfiguration: Resolver.Configuration?
  let timerSlots = TimerSlots()
  /// What runs Swift's tasks on this hub; made by the module above when there is one.
  package var taskExecutor: (any HubCompanion)?
  /// What a run for tests knows of itself; `nil` on a hub whose time is real.
  package internal(set) var testRun: AnyObject?
  /// What the hub found out about the Swift runtime's thread-local state when it started.
  package let runtimeLocals: RuntimeLocals.Mode
  /// Whether a job of a task, or a task-local's scope, may be open while its fiber is parked.
  package var keepsTasksApart: Bool {
    if case .swapped = runtimeLocals { true } else { false }
  }

  /// The hub whose fiber or loop the calling thread is running, `nil` on a thread without one.
  public static var current: Hub? {
    guard let fiber = green_current() else { return nil }
    return fiber.record.pointee.hub.pointee.object.takeUnretainedValue()
  }

  /// The hub and the fiber that the calling code runs in; `nil` outside fibers, in the loop's callbacks too.
  @inline(__always)
  static var running: (hub: HubPointer, fiber: FiberPointer)? {
    guard let fiber = green_current() else { return nil }
    let hub = fiber.record.pointee.hub
    return fiber == hub.pointee.root ? nil : (hub, fiber)
  }

  /// The default usable stack size of a fiber in bytes, ``Settings/stackSize``.
  public static var defaultStackSize: Int { Settings.stackSize.value }

  /// The least usable stack size of a fiber in bytes, 32 KB: what the hub itself calls in a fiber needs some of it.
  public static var leastStackSize: Int { 32 * 1024 }

  /// Makes the calling thread a hub, runs `body` as its first fiber, and returns when all fibers have finished.
  ///
  /// - Parameter stackSize: usable bytes of each fiber's stack, ``leastStackSize`` at least; only the pages that a fiber
  ///   touches take memory. For single calls that recurse deeply there is ``Fiber/onBigStack(bytes:_:)``.
  /// - Returns: what `body` returned.
  /// - Throws: what `body` threw; `Errno` when the loop or the stacks cannot be had; ``HubError/smallStacks(_:)``;
  ///   ``HubError/task`` in a task, where a hub on a thread of its own serves (`HubThread`).
  @available(
    *, noasync,
    message: "it would keep the task's thread: await HubThread().run { } (GreenTasks), or let main be synchronous"
  )
  public static func run<Result>(stackSize: Int = Hub.defaultStackSize, _ body: @escaping () throws -> Result) throws
    -> Result
  {
    try run(stackSize: stackSize, prepare: { _ in }, body)
  }

  /// As ``run(stackSize:_:)``, on a hub that `prepare` has seen before its first fiber is made.
  static func run<Result>(stackSize: Int, prepare: (Hub) -> Void, _ body: @escaping () throws -> Result) throws
    -> Result
  {
    guard Hub.current == nil else { throw HubError.nested }
    // The task's state on the thread would be every fiber's.
    guard withUnsafeCurrentTask(body: { $0 == nil }) else { throw HubError.task }
    guard stackSize >= leastStackSize else { throw HubError.smallStacks(stackSize) }
    let hub = try Hub(stackSize: stackSize)
    defer { hub.close() }
    prepare(hub)
    // Its reports are of real time, and give the loop turns that a schedule by a seed would not repeat.
    if !hub.state.isVirtual { hub.startWatchdog() }
    observer?.started(hub)
    defer { observer?.ending(hub) }
    let main = Fiber<Result>(body)
    try hub.state.start(main, name: "main", priority: .normal, site: SpawnSite(#fileID, #line))
    hub.state.runLoop()
    if let deadlock = hub.deadlock { throw deadlock }
    return try main.finishedValue()
  }

  /// The libev loop (`struct ev_loop *`), for other libev libraries that are to share it: a database client with a libev
  /// adapter, say. `Examples/hiredis` is one. What such a guest must know:
  ///
  /// - The hub owns the loop. It runs it, and destroys it when ``run(stackSize:_:)`` returns: by then the guest has stopped
  ///   its watchers. It never calls `ev_run`, `ev_break` or `ev_loop_destroy` itself.
  /// - The loop belongs to the hub's thread. Only there may watchers be started and stopped, by fibers too; other threads
  ///   come in by ``remote``.
  /// - Callbacks run in the hub between fibers, on the thread's own stack. They must not park, and not take long, since no
  ///   fiber runs meanwhile: one that waits for a lock which a fiber of the hub holds ends the process. They may set an ``Event``, signal a ``Semaphore``, set timers, cancel and spawn fibers: one
  ///   that waits for a guest parks on an `Event` that a callback sets.
  /// - An active watcher is something that may wake a fiber, so as long as there is one the hub does not take fibers that
  ///   all wait for deadlocked. One that cannot, a housekeeping timer, is hidden by `ev_unref`, as libev's manual says.
  /// - The guest waits for its own descriptors. One that the hub waits for as well is woken in both.
  /// - In a forked child the hub starts afresh, but libev does not tell which watchers are others': those of a guest stay
  ///   active, on descriptors that the child shares with its parent. The guest stops them there, with `pthread_atfork` or
  ///   as the first thing that the child does.
  /// - On a hub with virtual time a guest's own timers run in real time.
  public var loop: OpaquePointer { state.pointee.loop }

  /// Told of every hub. Set once, before the first hub.
  package nonisolated(unsafe) static var observer: (any HubObserver.Type)?

  /// Fibers that have been spawned and have not finished.
  public var fiberCount: Int { state.pointee.alive }

  private init(stackSize: Int) throws {
    try ForkHandler.install()
    let loop = try LoopStart.make()
    let newPool = green_pool_create(stackSize)
    guard let pool = newPool, let root = green_thread_attach() else {
      let error = Errno(rawValue: errno)
      if let newPool { green_pool_destroy(newPool) }
      ev_loop_destroy(loop)
      throw error
    }
    state = .allocate(capacity: 1)
    remoteWakes = RemoteWakes(loop: loop)
    alarm = LoopAlarm(loop: loop)
    descriptors = DescriptorTable(loop: loop)
    loopWatchers = LoopWatchers(loop: loop)
    runtimeLocals = RuntimeLocals.install(pool: pool)
    state.initialize(
      to: HubState(
        loop: loop, root: root, pool: pool, object: .passUnretained(self),
        descriptorTable: .passUnretained(descriptors)))
    state.pointee.turnTime = Deadline.realNow.nanoseconds
    state.measureTicks()
    root.makeRecord(hub: state, object: nil, priority: .normal, site: SpawnSite(#fileID, #line))
    timerSlots.open(state)
    remoteWakes.start()
    alarm.open()
    DescriptorOwners.add(self)
    Debugger.add(state)
    takesStackCensus = Settings.stackCensus.value
    HubStart.action?()
  }

  /// How this hub looks names up: ``Resolver/configuration``, unless it has been set. Setting it forgets the answers
  /// that were kept; questions under way are answered as they were asked.
  public var resolverConfiguration: Resolver.Configuration {
    get { ownResolverConfiguration ?? ownNames?.configuration ?? Resolver.configuration }
    set {
      ownResolverConfiguration = newValue
      retiredNames.removeAll { $0.isIdle }
      if let ownNames { retiredNames.append(ownNames) }
      ownNames = nil
    }
  }

  /// The hub's name service, made when the first name is asked for.
  var names: NameService {
    if let ownNames { return ownNames }
    let names = NameService(resolverConfiguration, hubLoop: state.pointee.loop)
    ownNames = names
    return names
  }

  /// In a forked child: the name servers' sockets are the parent's, and new ones are made when they are needed.
  func forgetNames() {
    for names in retiredNames { names.close() }
    retiredNames = []
    ownNames?.close()
    ownNames = nil
  }

  private func close() {
    taskExecutor?.hubEnds()
    taskExecutor = nil
    ownWatchdog?.stop()
    endStackCensus()
    forgetNames()
    loopWatchers.endAll()
    DescriptorOwners.remove(self)
    guard !state.pointee.isAbandoned else { return abandon() }
    Debugger.remove(state)
    descriptors.close()
    remoteWakes.stop()
    alarm.close()
    timerSlots.close()
    ev_loop_destroy(state.pointee.loop)
    green_pool_destroy(state.pointee.pool)
    green_thread_locals(nil, 0)
    green_thread_detach()
    state.pointee.timers.deallocate()
    state.pointee.lockWaiters.deallocate()
    state.pointee.buffers.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Fibers are left that cannot end. A stack is never freed before it has unwound, and theirs may be in others' queues:
  /// so the hub stays in memory, and only the thread is free for another.
  private func abandon() {
    remoteWakes.shut()
    green_thread_locals(nil, 0)
    green_thread_detach()
    _ = Unmanaged.passRetained(self)
  }
}

/// What belongs to a hub and may outlive it.
package protocol HubCompanion: AnyObject {
  /// The hub is about to go.
  func hubEnds()
}

/// What a module above wants to know of hubs, on their threads.
package protocol HubObserver {
  static func started(_ hub: Hub)
  static func ending(_ hub: Hub)
}

/// What can be wrong about the use of a hub.
public enum HubError: Error, CustomStringConvertible {
  /// ``Hub/run(stackSize:_:)`` was called on a thread that runs a hub already.
  case nested
  /// ``Hub/run(stackSize:_:)`` was called in a task.
  case task
  /// No fiber of the hub could ever go on: the text is the hub's dump.
  case deadlock(String)
  /// A fiber was spawned, or a fiber's own call was made, on a thread that runs no hub.
  case outside
  /// The kernel refuses to watch what a hub needs watched.
  case refused
  /// No stack, or no thread control block, could be had for another fiber; the text says what ran out and what raises it.
  case stacks(String)
  /// A hub was to have stacks of so many bytes, fewer than ``Hub/leastStackSize``.
  case smallStacks(Int)
  /// The hub was stopped, and begins nothing any more.
  case ended

  public var description: String {
    switch self {
    case .nested: "this thread runs a hub already: spawn a fiber in it instead of starting a second one"
    case .task:
      "this is a task, whose thread is the Swift runtime's: use a hub on a thread of its own, HubThread, or start the hub "
        + "where main is not async"
    case .outside: "this thread runs no hub: start one with Hub.run, and call this in one of its fibers"
    case .refused: "the kernel watches no more descriptors: memory is short, or fs.epoll.max_user_watches is reached"
    case .stacks(let reason): reason
    case .ended: "the hub was stopped, and begins nothing any more"
    case .smallStacks(let size): "a fiber needs a stack of \(Hub.leastStackSize) bytes at least, not of \(size)"
    case .deadlock(let dump): "every fiber waits for something that can never happen\n\(dump)"
    }
  }
}
