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
  /// Set when every fiber was found to wait in vain.
  var deadlock: HubError?
  let timerSlots = TimerSlots()
  /// What other threads have had spawned and no stack could be had for; `nil` while there is nothing.
  var promised: PromisedFibers?
  /// What stands on this hub, in the order in which it came.
  var extensions: [any HubExtension] = []
  /// Whether it serves an object, on a thread of that object's own, and ends when the object wants it to.
  package internal(set) var isHosted = false
  /// What the hub found out about the Swift runtime's thread-local state when it started.
  package let runtimeLocals: RuntimeLocals.Mode
  /// Whether a job of a task, or a task-local's scope, may be open while its fiber is parked.
  package var keepsTasksApart: Bool {
    if case .swapped = runtimeLocals { true } else { false }
  }

  /// The hub whose fiber or loop the calling thread is running, `nil` on a thread without one.
  public static var current: Hub? {
    guard let fiber = cfiber_current() else { return nil }
    return fiber.record.pointee.hub.pointee.object.takeUnretainedValue()
  }

  /// The hub and the fiber that the calling code runs in; `nil` outside fibers, in the loop's callbacks too.
  @inline(__always)
  static var running: (hub: HubPointer, fiber: FiberPointer)? {
    guard let fiber = cfiber_current() else { return nil }
    let hub = fiber.record.pointee.hub
    return fiber == hub.pointee.root ? nil : (hub, fiber)
  }

  /// The default usable stack size of a fiber in bytes, ``Settings/stackSize``.
  public static var defaultStackSize: Int { Settings.stackSize.value }

  /// The least usable stack size of a fiber in bytes, 32 KB: what the hub itself calls in a fiber needs some of it.
  public static var leastStackSize: Int { Settings.leastStackSize }

  /// The libev loop (`struct ev_loop *`), for other libev libraries that are to share it: a database client with a libev
  /// adapter, say. `Examples/hiredis` is one. What such a guest must know:
  ///
  /// - The hub owns the loop. It runs it, and destroys it when ``run(stackSize:_:)`` returns: by then the guest has stopped
  ///   its watchers. It never calls `ev_run`, `ev_break` or `ev_loop_destroy` itself.
  /// - The loop belongs to the hub's thread. Only there may watchers be started and stopped, by fibers too; other threads
  ///   come in by ``remote``.
  /// - Callbacks run in the hub between fibers, on the thread's own stack. They must not park, and not take long, since no
  ///   fiber runs meanwhile: one that waits for a lock which a fiber of the hub holds ends the process. They may set an
  ///   ``Event``, signal a ``Semaphore``, set timers, cancel and spawn fibers: one that waits for a guest parks on an
  ///   `Event` that a callback sets.
  /// - An active watcher is something that may wake a fiber, so as long as there is one the hub does not take fibers that
  ///   all wait for deadlocked. One that cannot, a housekeeping timer, is hidden by `ev_unref`, as libev's manual says.
  /// - The guest waits for its own descriptors. One that the hub waits for as well is woken in both.
  /// - In a forked child the hub starts afresh, but libev does not tell which watchers are others': those of a guest stay
  ///   active, on descriptors that the child shares with its parent. The guest stops them there, with `pthread_atfork` or
  ///   as the first thing that the child does.
  /// - On a hub with virtual time a guest's own timers run in real time.
  public var loop: OpaquePointer { state.pointee.loop }

  /// Lets ``run(stackSize:_:)`` return as soon as the calling code is back in the loop, although fibers are left: they go
  /// no further, and their stacks stay in memory as they are. For a process that is about to end.
  package func leaveFibers() {
    state.pointee.isAbandoned = true
    // The loop is left before those that are ready have had one more turn each.
    state.pointee.isTurnDue = true
  }

  /// Fibers that have been spawned and have not finished.
  public var fiberCount: Int { state.pointee.alive }

  init(stackSize: Int) throws {
    try ForkHandler.install()
    let loop = try LoopStart.make()
    let newPool = cfiber_pool_create(stackSize)
    guard let pool = newPool, let root = cfiber_thread_attach() else {
      let error = Errno(rawValue: errno)
      if let newPool { cfiber_pool_destroy(newPool) }
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
  }

  func close() {
    endExtensions()
    loopWatchers.endAll()
    DescriptorOwners.remove(self)
    guard !state.pointee.isAbandoned else { return abandon() }
    descriptors.close()
    remoteWakes.stop()
    alarm.close()
    timerSlots.close()
    ev_loop_destroy(state.pointee.loop)
    cfiber_pool_destroy(state.pointee.pool)
    cfiber_thread_locals(nil, 0)
    cfiber_thread_detach()
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
    cfiber_thread_locals(nil, 0)
    cfiber_thread_detach()
    _ = Unmanaged.passRetained(self)
  }
}
