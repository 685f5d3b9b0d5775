internal import CFiber
internal import CLibEv

// A hub whose time stands still while fibers run, and jumps to the next timer when none can.

extension Hub {
  /// As ``run(stackSize:_:)`` with virtual time, which begins at `start`.
  ///
  /// - Parameters:
  ///   - patience: how long, in real time, the world outside is waited for before the time moves on, where something may
  ///     come from there.
  ///   - choice: who is next of the ready fibers; `nil` for the first come.
  ///   - testRun: attached to the hub.
  package static func runVirtually<Result>(
    from start: Deadline, patience: Duration, choice: ReadyChoice?, testRun: some HubExtension, stackSize: Int,
    _ body: @escaping () throws -> Result
  ) throws -> Result {
    try run(
      stackSize: stackSize,
      prepare: { hub in
        hub.attach(testRun)
        hub.state.pointee.virtualNow = start.nanoseconds
        hub.state.pointee.patience = max(0, patience.wholeNanoseconds)
        hub.state.pointee.turnTime = start.nanoseconds
        if let choice { hub.state.setChoice(choice) }
      },
      {
        do {
          return try body()
        } catch {
          // The run has failed: nobody is to wait for what the others wait for.
          Hub.current?.state.cancelAll(cause: error)
          throw error
        }
      })
  }
}

extension UnsafeMutablePointer where Pointee == HubState {
  var isVirtual: Bool { pointee.virtualNow != 0 }

  /// A deadline of the system's clock in the hub's time.
  @inline(__always)
  func deadline(real deadline: Deadline) -> Deadline { isVirtual ? virtualDeadline(deadline) : deadline }

  private func virtualDeadline(_ deadline: Deadline) -> Deadline {
    guard deadline != .never else { return .never }
    // What has passed since the caller looked at the clock is not the same in each run, so it is rounded away.
    let grain: Int64 = 100_000
    let rest = deadline.nanoseconds &- Deadline.realNow.nanoseconds
    return Deadline(nanoseconds: pointee.virtualNow).advanced(by: .nanoseconds((rest + grain - 1) / grain * grain))
  }

  /// When a function is called that is to be called at `time`.
  @inline(__always)
  func callTime(_ time: Int64) -> Int64 { isVirtual && time <= pointee.latestCall ? pointee.latestCall + 1000 : time }

  /// After so many switches without a pause, fibers that only yield to each other wait for a time that would not come.
  private var mostSwitches: UInt64 { 100_000 + 100 * UInt64(pointee.alive) }
  /// How long, in nanoseconds of real time, the other threads of the process have to wake somebody when nothing else can.
  private static var longestStall: Int64 { 5_000_000_000 }

  /// How long, in nanoseconds of real time, a lock that another thread has is waited for before who waits looks again,
  private static var lockPatience: Int64 { 1_000_000 }
  /// and how often in vain: that thread may wait for this hub's time.
  private static var mostLooksInVain: Int { 5_000 }

  /// A turn of a hub with virtual time, when no fiber is ready.
  func turnVirtually() {
    // What has happened meanwhile on real descriptors comes before time goes on.
    ev_run(pointee.loop, CInt(EVRUN_NOWAIT))
    if isAnyReady { return }
    dropStaleTimers()
    let mayBeWoken = isWokenFromOutside()
    if isAnyReady || pointee.timers.count > 0 && waitForOthersLocks() { return }
    if mayBeWoken && (pointee.timers.count == 0 || isOffloading()) {
      // Other threads' work takes no virtual time, however long it takes.
      ev_run(pointee.loop, CInt(EVRUN_ONCE))
    } else if pointee.timers.count > 0 {
      if mayBeWoken && waitReally(pointee.patience) { return }
      moveOn()
    } else if !(hasOtherThreads() && waitReally(Self.longestStall)) {
      endDeadlock()
    }
  }

  /// Waits, in real time, for locks that other threads have: it takes no virtual time. The library of a test, for one, has
  /// locks for all tests.
  ///
  /// - Returns: whether time has to stand still.
  private func waitForOthersLocks() -> Bool {
    guard pointee.lockWaiters.count > 0 else {
      pointee.looksInVain = 0
      return false
    }
    var own: Set<UInt64> = []
    forEachFiber { own.insert($0.pointee.id) }
    var waiting: [FiberPointer] = []
    forEachFiber { fiber in
      if let holders = fiber.awaitedHolders, own.isDisjoint(with: holders) { waiting.append(fiber) }
    }
    guard !waiting.isEmpty, pointee.looksInVain < Self.mostLooksInVain else { return false }
    if waitReally(Self.lockPatience) {
      pointee.looksInVain = 0
      return true
    }
    pointee.looksInVain += 1
    // An unlock inside the C library is not seen. Waits that have an end for that are to look now; that of a Mutex is its
    // caller's.
    for fiber in waiting where fiber.record.pointee.waitKind == .native && fiber.record.pointee.deadline != .max {
      ready(fiber, .deadline)
    }
    return true
  }

  /// A turn when fibers are ready.
  func moveOnIfBusy() {
    if pointee.switches &- pointee.switchesWhenMoved > mostSwitches { moveOn() }
  }

  private func moveOn() {
    pointee.switchesWhenMoved = pointee.switches
    if pointee.timers.count > 0 { pointee.virtualNow = max(pointee.virtualNow, pointee.timers.earliest) }
  }

  /// Waits for the world outside, in real time.
  ///
  /// - Returns: whether a fiber is ready now.
  private func waitReally(_ nanoseconds: Int64) -> Bool {
    let end = Deadline.realNow.advanced(by: .nanoseconds(nanoseconds)).nanoseconds
    while !isAnyReady {
      let rest = end - Deadline.realNow.nanoseconds
      if rest <= 0 { return false }
      hub.alarm.set(rest)
      ev_run(pointee.loop, CInt(EVRUN_ONCE))
      hub.alarm.stop()
    }
    return true
  }

  private func isOffloading() -> Bool {
    var isOffloading = false
    forEachFiber { fiber in
      if fiber.record.pointee.state == .parked && fiber.record.pointee.waitKind == .offload { isOffloading = true }
    }
    return isOffloading
  }

  /// Timers left behind by waits that ended early must not carry the time along.
  private func dropStaleTimers() {
    while let timer = pointee.timers.first, let fiber = timer.pointee.fiber {
      let record = fiber.record
      if record.pointee.state == .parked && record.pointee.deadline == timer.pointee.time { return }
      disarm(fiber)
      if record.pointee.state == .parked && record.pointee.deadline != .max { arm(fiber) }
    }
  }
}
