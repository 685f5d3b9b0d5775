internal import CFiber

// The one primitive under all waiting: park this fiber until something makes it ready. Sleep, sockets, joins, locks
// and the redirect are each a few lines on top of it.

extension UnsafeMutablePointer where Pointee == HubState {
  /// Parks the running fiber until ``ready(_:_:)`` is called for it, the deadline passes, or the fiber is cancelled.
  ///
  /// Whoever parks has put the fiber's pointer where its waker will find it, and takes it out again if the wake was
  /// not the waker's.
  @inline(__always)
  func park(_ fiber: FiberPointer, until deadline: Deadline = .never, for reason: WaitReason) -> Wake {
    if fiber.record.pointee.interruptions.isEmpty { return parkFreely(fiber, until: deadline, for: reason) }
    return parkInterruptibly(fiber, until: deadline, for: reason)
  }

  @inline(__always)
  private func parkFreely(_ fiber: FiberPointer, until deadline: Deadline, for reason: WaitReason) -> Wake {
    let record = fiber.record
    assert(record.pointee.state == .running && fiber == cfiber_current() && fiber != pointee.root)
    record.pointee.state = .parked
    record.pointee.waitKind = reason.kind
    record.pointee.waitDetail = reason.detail
    record.pointee.parkedAt = pointee.turnTime
    record.pointee.deadline = deadline.nanoseconds
    if record.pointee.timer.time > deadline.nanoseconds { arm(fiber) }
    switchAway()
    return record.pointee.wake
  }

  /// As ``park(_:until:for:)`` in a fiber that has been cancelled, is in a scope with a deadline, or has something to do
  /// before it waits.
  @inline(never)
  private func parkInterruptibly(_ fiber: FiberPointer, until deadline: Deadline, for reason: WaitReason) -> Wake {
    let record = fiber.record
    if record.pointee.interruptions.contains(.beforeWait) {
      if let wake = prepareToPark(fiber) { return wake }
      if record.pointee.interruptions.isEmpty { return parkFreely(fiber, until: deadline, for: reason) }
    }
    if record.pointee.interruptions.contains(.cancelled) { return refuse(fiber, .cancelled) }
    let scope = Deadline(nanoseconds: record.pointee.scopeDeadline)
    if scope.hasPassed { return refuse(fiber, .expired) }
    record.pointee.refusals = 0
    let wake = parkFreely(fiber, until: min(deadline, scope), for: reason)
    guard wake == .deadline && scope < deadline else { return wake }
    record.pointee.hasMetDeadline = true
    return .expired
  }

  /// Calls what the fiber has to do before it waits. Whoever parks stands in the queue of its waker already: one that comes
  /// meanwhile ends the wait before it has begun.
  private func prepareToPark(_ fiber: FiberPointer) -> Wake? {
    let record = fiber.record
    record.pointee.state = .parked
    fiber.callBeforeWait()
    guard record.pointee.state == .parked else {
      switchAway()
      return record.pointee.wake
    }
    record.pointee.state = .running
    return nil
  }

  /// A wait that may not take place: the fiber still goes once round the ready queue, so that code which tries again
  /// and again cannot keep the thread to itself.
  private func refuse(_ fiber: FiberPointer, _ wake: Wake) -> Wake {
    let record = fiber.record
    if wake == .expired { record.pointee.hasMetDeadline = true }
    if record.pointee.refusals < HubState.refusalsToReport {
      record.pointee.refusals += 1
      if record.pointee.refusals == HubState.refusalsToReport { reportRefusals(fiber, wake) }
    }
    yield(fiber)
    return wake
  }

  /// Makes a parked fiber ready: it runs after those that were ready before it. Does nothing to a fiber that is ready
  /// already, so of several wakers the first wins. Only on the hub's thread.
  @inline(__always)
  func ready(_ fiber: FiberPointer, _ wake: Wake = .ready) {
    assert(
      fiber.record.pointee.hub == cfiber_current()?.record.pointee.hub,
      "a fiber was woken from another thread: use Hub.Remote")
    let record = fiber.record
    guard record.pointee.state == .parked else { return }
    record.pointee.state = .ready
    record.pointee.wake = wake
    enqueue(fiber)
  }

  @inline(__always)
  private func enqueue(_ fiber: FiberPointer) {
    append(fiber)
    if pointee.isObserved { observeReady(fiber) }
  }

  @inline(__always)
  private func append(_ fiber: FiberPointer) {
    if fiber.record.pointee.priority == .normal {
      pointee.queue.append(fiber)
    } else {
      pointee.background.append(fiber)
    }
  }

  /// Goes to the back of the ready queue.
  @inline(__always)
  func yield(_ fiber: FiberPointer) {
    if !fiber.record.pointee.interruptions.isEmpty { fiber.callBeforeWait() }
    fiber.record.pointee.state = .ready
    fiber.record.pointee.wake = .ready
    append(fiber)
    if pointee.isObserved { return yieldObserved(fiber) }
    switchAway(to: nextUnobserved())
  }

  @inline(never)
  private func yieldObserved(_ fiber: FiberPointer) {
    observeReady(fiber)
    switchAway(to: nextObserved())
  }

  /// Puts a new fiber into the ready queue.
  @inline(__always)
  func admit(_ fiber: FiberPointer) {
    fiber.record.pointee.state = .ready
    enqueue(fiber)
  }

  /// Leaves the running fiber, which is parked or queued, for the next that is ready, without a detour through the
  /// loop where there is one.
  @inline(__always)
  private func switchAway() { switchAway(to: next()) }

  @inline(__always)
  private func switchAway(to next: FiberPointer) {
    cfiber_switch_inline(next)
    reap()
  }

  /// As ``yield(_:)``; the loop has its turn too where that is due.
  @inline(never)
  func yieldToLoop(_ fiber: FiberPointer) {
    fiber.callBeforeWait()
    fiber.record.pointee.state = .ready
    fiber.record.pointee.wake = .ready
    enqueue(fiber)
    // This way of choosing asks for it each time.
    switchAway(to: nextObserved())
  }

  /// The fiber to run now: from the snapshot, else from a new snapshot; the root, which runs the loop, when none is
  /// ready or the loop has waited long enough for its turn.
  @inline(__always)
  func next() -> FiberPointer { pointee.isObserved ? nextObserved() : nextUnobserved() }

  @inline(__always)
  private func nextUnobserved() -> FiberPointer {
    if pointee.batch.isEmpty {
      pointee.batch = pointee.queue
      pointee.queue = FiberQueue()
      if pointee.isTurnDue { return pointee.root }
    }
    if pointee.switches % HubState.resumesPerLook == 0 && isLoopsTurn() { return pointee.root }
    guard let fiber = pointee.batch.popFirst() else { return nextInBackground() }
    return resume(fiber)
  }

  @inline(__always)
  func resume(_ fiber: FiberPointer) -> FiberPointer {
    pointee.switches &+= 1
    fiber.record.pointee.state = .running
    return fiber
  }

  /// Nothing else is ready.
  @inline(never)
  func nextInBackground() -> FiberPointer {
    guard !isLoopsTurn(), let fiber = pointee.background.popFirst() else { return pointee.root }
    return resume(fiber)
  }

  /// Whether the loop is to look at descriptors and timers although fibers are ready.
  ///
  /// Whom it finds runs after those who are ready anyway. So it looks when all of these have had their turn, since before
  /// that it would be told again of the descriptors of those who have not; but not later than in ten turns' time, for what
  /// it does itself. Where that are many it takes its time, up to a limit: to be told of 5,000 costs milliseconds.
  @inline(never)
  func isLoopsTurn() -> Bool {
    let count = pointee.switches &- pointee.switchesAtTurn
    guard count > 0 else { return false }
    // Real time must not change the schedule of a hub whose time is virtual.
    let ticks = isVirtual ? 0 : cfiber_ticks() &- pointee.ticksAtTurn
    guard count >= HubState.resumesPerTurn || ticks > pointee.longestTurnInTicks else { return false }
    pointee.isTurnDue = true
    if pointee.batch.isEmpty { return true }
    let found = pointee.firings &- pointee.firingsBeforeTurn
    let turns = min(10 + found / HubState.firingsPerTurn, HubState.turnsAtMost)
    return ticks > turns * pointee.longestTurnInTicks
  }

  /// Takes back the stack of a fiber that has just made its last switch, to here.
  @inline(__always)
  func reap() {
    if let fiber = pointee.finished {
      pointee.finished = nil
      if pointee.moments.contains(.stacks) { tellStack(fiber) }
      cfiber_recycle(pointee.pool, fiber)
    }
  }
}

// MARK: - Waits that nothing interrupts

extension Hub {
  /// Calls `body` with the calling fiber's cancellation and deadlines held back.
  @inline(__always)
  package static func shielded<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard let (_, fiber) = running else { return try body() }
    fiber.shield()
    defer { fiber.unshield() }
    return try body()
  }
}

extension UnsafeMutablePointer where Pointee == cfiber_fiber {
  @inline(__always)
  func shield() {
    record.pointee.shields += 1
    record.pointee.interruptions.formIntersection(.beforeWait)
  }

  @inline(__always)
  func unshield() {
    record.pointee.shields -= 1
    if record.pointee.shields == 0 { letIn(record.pointee.pending) }
  }

  func setPending(_ interruptions: Interruptions) {
    record.pointee.pending = interruptions
    if record.pointee.shields == 0 { letIn(interruptions) }
  }

  @inline(__always)
  private func letIn(_ interruptions: Interruptions) {
    record.pointee.interruptions = interruptions.union(record.pointee.interruptions.intersection(.beforeWait))
  }
}

extension Hub {
  /// The number of the fiber that the calling code runs in, 0 outside fibers.
  @inline(__always)
  static var runningID: UInt64 {
    guard let fiber = cfiber_current() else { return 0 }
    return fiber.pointee.id
  }
}
