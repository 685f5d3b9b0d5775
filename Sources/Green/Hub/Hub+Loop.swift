internal import CFiber
internal import CLibEv

extension UnsafeMutablePointer where Pointee == HubState {
  /// Runs what is ready, waits, runs what became ready, until no fiber is left, nor anything that another thread has posted.
  func runLoop() {
    repeat {
      runFibers()
    } while !pointee.isAbandoned && goesOn()
  }

  /// When no fiber is left: takes what others have posted last.
  private func goesOn() -> Bool {
    guard hub.remoteWakes.runLast(while: startsMore) else { return false }
    for one in hub.extensions { one.hubGoesOn(hub) }
    return true
  }

  /// When no fiber is left: whether one is now, of those that other threads have had spawned.
  private func startsMore() -> Bool {
    hub.startPromised()
    if pointee.alive == 0, let lost = hub.promised?.count {
      Report.message("\(lost) fibers that other threads have spawned will not run: no stack can be had for them")
    }
    return pointee.alive > 0
  }

  private func runFibers() {
    while pointee.alive > 0 && !pointee.isAbandoned {
      // The fibers hand over to each other and come back here when none is ready, or when it is the loop's turn.
      let fiber = next()
      if fiber != pointee.root {
        cfiber_switch(fiber)
        reap()
      }
      if pointee.alive == 0 || pointee.isAbandoned { break }
      turn()
    }
  }

  /// One turn of the loop: descriptors and other watchers, then timers. Waits for them when no fiber is ready.
  private func turn() {
    let isBusy = isAnyReady
    pointee.descriptorTable._withUnsafeGuaranteedRef { $0.isBusy = isBusy }
    pointee.firingsBeforeTurn = pointee.firings
    if isBusy {
      ev_run(pointee.loop, CInt(EVRUN_NOWAIT))
      admitOneFromBackground()
      if isVirtual { moveOnIfBusy() }
    } else if isVirtual {
      turnVirtually()
    } else if pointee.timers.count > 0 || isWokenFromOutside() {
      // To ask whether somebody can wake a fiber may have woken one.
      if !isAnyReady { block() }
    } else if hasOtherThreads() {
      blockBesideThreads()
    } else {
      endDeadlock()
    }
    let now = Deadline.now.nanoseconds
    pointee.turns &+= 1
    pointee.isTurnDue = false
    pointee.switchesAtTurn = pointee.switches
    pointee.turnTime = now
    pointee.ticksAtTurn = cfiber_ticks()
    followLibraries(now)
    fireTimers(now)
  }

  /// Libraries that were opened since may keep words in the thread that belong to a fiber: see `cfiber_register_words`.
  private func followLibraries(_ now: Int64) {
    guard now &- pointee.librariesFollowed >= HubState.followingInterval else { return }
    pointee.librariesFollowed = now
    cfiber_thread_follow_libraries()
  }

  /// How many ticks the longest turn has, counted over a tenth of it: the loop's promptness needs no more than that. Counted
  /// again where the machine stood still meanwhile, or went on by a processor that counts apart from the one before.
  func measureTicks() {
    let turn = UInt64(HubState.longestTurn)
    pointee.longestTurnInTicks = turn
    for _ in 0..<10 {
      let (start, ticks) = (Deadline.realNow.nanoseconds, cfiber_ticks())
      var end = start
      while end - start < HubState.longestTurn / 10 { end = Deadline.realNow.nanoseconds }
      let passed = cfiber_ticks() &- ticks
      guard end - start < HubState.longestTurn, passed < 1 << 32 else { continue }
      pointee.longestTurnInTicks = passed * turn / UInt64(end - start)
      return
    }
  }

  var isAnyReady: Bool { isAnyNormalReady || !pointee.background.isEmpty }

  private var isAnyNormalReady: Bool {
    !pointee.queue.isEmpty || !pointee.batch.isEmpty || pointee.choice?.isEmpty == false
  }

  /// Where normal fibers are always ready, one of the background runs each turn.
  private func admitOneFromBackground() {
    if isAnyNormalReady, let fiber = pointee.background.popFirst() {
      pointee.queue.append(fiber)
    }
  }

  /// Waits in the kernel for a watcher or until the time has come. libev's own timer serves for that: one, which is
  /// moved only when the time that it is set for is another.
  private func block() {
    guard !pointee.hasForked else {
      // libev keeps a note that its wake-up descriptor has been written to, and in the child that note may be of the
      // parent's. It takes it back after its first poll, before which nobody could end its wait.
      pointee.hasForked = false
      ev_run(pointee.loop, CInt(EVRUN_NOWAIT))
      return
    }
    setTrimmer()
    let time = pointee.timers.earliest
    guard time != .max else {
      ev_run(pointee.loop, CInt(EVRUN_ONCE))
      return
    }
    let now = Deadline.realNow.nanoseconds
    let rest = time > now ? time - now : 0
    let alarm = pointee.object.takeUnretainedValue().alarm
    if rest > 0 { alarm.set(rest) }
    ev_run(pointee.loop, CInt(rest > 0 ? EVRUN_ONCE : EVRUN_NOWAIT))
    alarm.stop()
  }

  /// As ``block()`` where other threads alone may wake a fiber: none tells of its end, after which nothing can. So the hub is
  /// to ask again.
  @inline(never)
  private func blockBesideThreads() {
    setTrimmer()
    if pointee.timers.count > 0 || pointee.hasForked { return block() }
    hub.alarm.set(pointee.pauseBesideThreads.next(after: pointee.switches))
    ev_run(pointee.loop, CInt(EVRUN_ONCE))
    hub.alarm.stop()
  }

  /// Starts a fiber: it is ready at once and runs after those that were ready before it. `inherits`: the deadline and the
  /// locals of the fiber that starts it.
  func start(
    _ object: AnyFiber, name: String?, priority: FiberPriority, isolation: FiberIsolation = .shared, site: SpawnSite,
    inherits: Bool = true
  ) throws {
    let argument = Unmanaged.passUnretained(object).toOpaque()
    guard let fiber = cfiber_create(pointee.pool, { HubPointer.enter($0!) }, argument) else {
      throw HubError.stacks(String(cString: cfiber_pool_error(pointee.pool)))
    }
    do {
      try isolation.apply(to: fiber)
    } catch {
      cfiber_recycle(pointee.pool, fiber)
      throw error
    }
    fiber.makeRecord(hub: self, object: object, priority: priority, site: site)
    if inherits, let (_, parent) = Hub.running { fiber.inherit(from: parent) }
    object.started(as: fiber)
    if let name { fiber.setName(name) }
    pointee.fibers.insert(fiber)
    pointee.alive += 1
    pointee.spawned &+= 1
    if pointee.isObserved { observeSpawn(fiber) }
    admit(fiber)
  }

  /// The first frame of each fiber. It is never unwound, so nothing that needs releasing may live in it.
  fileprivate static func enter(_ argument: UnsafeMutableRawPointer) {
    cfiber_return_to(perform(argument))
  }

  /// Runs the fiber from its first to its last statement and says which fiber goes on.
  @inline(never)
  private static func perform(_ argument: UnsafeMutableRawPointer) -> FiberPointer {
    let fiber = cfiber_current()!
    let hub = fiber.record.pointee.hub
    hub.reap()
    Unmanaged<AnyFiber>.fromOpaque(argument)._withUnsafeGuaranteedRef { $0.run() }
    hub.retire(fiber)
    return hub.next()
  }

  private func retire(_ fiber: FiberPointer) {
    let record = fiber.record
    // Frees a result or an error that nobody has read, whose deinit may wait: the fiber is still alive for that.
    let object = record.pointee.object
    record.pointee.object = nil
    object?.release()
    destroyVariables(of: fiber)
    // After the destructors, which may read them; out of the record before they are freed, since a value's deinit may bind
    // others around these; and it may make variables.
    if let locals = record.pointee.locals {
      record.pointee.locals = nil
      locals.release()
      destroyVariables(of: fiber)
    }
    if record.pointee.timer.isSet { disarm(fiber) }
    record.pointee.state = .finished
    pointee.fibers.remove(fiber)
    pointee.alive -= 1
    pointee.finished = fiber
  }

  /// Calls the destructors of the C variables that are the fiber's own, and tells those who keep something for it.
  private func destroyVariables(of fiber: FiberPointer) {
    if fiber.pointee.control_block != nil { cfiber_isolated_ends() }
    if pointee.moments.contains(.fiberEnds) { tellEnd(fiber) }
  }
}

extension UnsafeMutablePointer where Pointee == cfiber_fiber {
  /// A child has its parent's deadline and locals.
  @inline(__always)
  fileprivate func inherit(from parent: FiberPointer) {
    let (mine, theirs) = (record, parent.record)
    mine.pointee.parent = parent.pointee.id
    if let locals = theirs.pointee.locals { mine.pointee.locals = locals.retain() }
    if theirs.pointee.scopeDeadline != .max {
      mine.pointee.scopeDeadline = theirs.pointee.scopeDeadline
      setPending(.deadline)
    }
  }
}
