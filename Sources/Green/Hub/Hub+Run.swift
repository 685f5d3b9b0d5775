extension Hub {
  /// Makes the calling thread a hub, runs `body` as its first fiber, and returns when all fibers have finished.
  ///
  /// - Parameters:
  ///   - stackSize: usable bytes of each fiber's stack, ``leastStackSize`` at least; only the pages that a fiber touches
  ///     take memory. For single calls that recurse deeply there is ``Fiber/onBigStack(bytes:_:)``.
  ///   - body: what the first fiber runs.
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
    hub.attachOwnExtensions()
    HubStart.run(hub)
    let main = Fiber<Result>(body)
    try hub.state.start(main, name: "main", priority: .normal, site: SpawnSite(#fileID, #line))
    hub.state.runLoop()
    if let deadlock = hub.deadlock { throw deadlock }
    return try main.finishedValue()
  }

  /// What Green itself has beside its core. Modules above come by ``HubStart``.
  private func attachOwnExtensions() {
    attach(Debugger(self))
    takesStackCensus = Settings.stackCensus.value
    if let signal = Settings.dumpSignal.value { attach(DumpSignal(signal, self)) }
    labelsThread = Settings.threadLabels.value
    let leakPeriod = Settings.leakCheck.value
    if leakPeriod > .zero {
      attach(LeakCheck(every: leakPeriod))
      state.pointee.pauseBesideThreads.bound(by: leakPeriod.wholeNanoseconds)
    }
    startTrace()
    // Its reports are of real time, and give the loop turns that a schedule by a seed would not repeat.
    if !state.isVirtual { startWatchdog() }
  }
}
