internal import CFiber
internal import CLibEv

// The one primitive under all waiting: park this fiber until something makes it ready. Sleep, sockets, joins, locks
// and the redirect are each a few lines on top of it.

extension Hub {
  /// Parks the running fiber until ``ready(_:_:)`` is called for it or the deadline passes.
  ///
  /// Whoever parks has put the fiber's pointer where its waker will find it, and takes it out again if the wake was
  /// not the waker's.
  @inline(__always)
  func park(_ fiber: FiberPointer, until deadline: Deadline = .never) -> Wake {
    let record = fiber.record
    assert(record.pointee.state == .running && fiber == green_current() && fiber != state.pointee.root)
    record.pointee.state = .parked
    record.pointee.deadline = deadline.nanoseconds
    if deadline != .never && record.pointee.timerTarget > deadline.nanoseconds { arm(fiber) }
    switchAway()
    return record.pointee.wake
  }

  /// Makes a parked fiber ready: it runs after those that were ready before it. Does nothing to a fiber that is ready
  /// already, so of several wakers the first wins. Only on the hub's thread.
  @inline(__always)
  func ready(_ fiber: FiberPointer, _ wake: Wake = .ready) {
    let record = fiber.record
    guard record.pointee.state == .parked else { return }
    record.pointee.state = .ready
    record.pointee.wake = wake
    state.pointee.queue.append(fiber)
  }

  /// Goes to the back of the ready queue.
  func yield(_ fiber: FiberPointer) {
    fiber.record.pointee.state = .ready
    fiber.record.pointee.wake = .ready
    state.pointee.queue.append(fiber)
    switchAway()
  }

  /// Leaves the running fiber, which is parked or queued, for the next that is ready, without a detour through the
  /// loop where there is one.
  @inline(__always)
  private func switchAway() {
    green_switch(next())
    reap()
  }

  /// The fiber to run now: from the snapshot; from a new snapshot while the loop has not waited too long for its turn;
  /// else the root, which runs the loop.
  @inline(__always)
  func next() -> FiberPointer {
    if state.pointee.batch.isEmpty && state.pointee.resumedSincePoll < HubState.resumesPerPoll {
      swap(&state.pointee.batch, &state.pointee.queue)
    }
    guard let fiber = state.pointee.batch.popFirst() else { return state.pointee.root }
    state.pointee.resumedSincePoll += 1
    fiber.record.pointee.state = .running
    return fiber
  }

  /// Takes back the stack of a fiber that has just made its last switch, to here.
  @inline(__always)
  func reap() {
    if let fiber = state.pointee.finished {
      state.pointee.finished = nil
      green_fiber_recycle(state.pointee.pool, fiber)
    }
  }
}

// Timers. Each fiber has one libev timer, and moving it costs a heap operation; a server moves its deadlines at every
// request and almost never meets them. So an active timer that fires early enough is left where it is, and one that
// fires before its fiber's present deadline is set again for the rest: one operation in the time of a deadline instead
// of two for each wait.
extension Hub {
  private func arm(_ fiber: FiberPointer) {
    let record = fiber.record
    // The loop's idea of now is from its last iteration; a timer set by it would fire early.
    ev_now_update(state.pointee.loop)
    setTimer(fiber, target: record.pointee.deadline, now: Deadline.now.nanoseconds)
  }

  private func setTimer(_ fiber: FiberPointer, target: Int64, now: Int64) {
    let record = fiber.record
    let timer = timerPointer(fiber)
    if record.pointee.timerTarget != .max { ev_timer_stop(state.pointee.loop, timer) }
    let after = target > now ? Double(target &- now) * 1e-9 : 0
    cev_timer_init(timer, { _, timer, _ in Hub.timerFired(timer!) }, after)
    timer.pointee.data = UnsafeMutableRawPointer(fiber)
    ev_timer_start(state.pointee.loop, timer)
    record.pointee.timerTarget = target
  }

  private static func timerFired(_ timer: UnsafeMutablePointer<ev_timer>) {
    let fiber = timer.pointee.data.assumingMemoryBound(to: green_fiber.self)
    let record = fiber.record
    let hub = record.pointee.hub.takeUnretainedValue()
    record.pointee.timerTarget = .max
    guard record.pointee.state == .parked, record.pointee.deadline != .max else { return }
    let now = Deadline.now.nanoseconds
    if record.pointee.deadline <= now {
      hub.ready(fiber, .deadline)
    } else {
      hub.setTimer(fiber, target: record.pointee.deadline, now: now)
    }
  }

  func disarm(_ fiber: FiberPointer) {
    guard fiber.record.pointee.timerTarget != .max else { return }
    ev_timer_stop(state.pointee.loop, timerPointer(fiber))
    fiber.record.pointee.timerTarget = .max
  }

  private func timerPointer(_ fiber: FiberPointer) -> UnsafeMutablePointer<ev_timer> {
    // Unsafe: libev keeps this address while the timer is active; the record does not move while its fiber lives.
    (UnsafeMutableRawPointer(fiber.record) + MemoryLayout<FiberRecord>.offset(of: \.timer)!)
      .assumingMemoryBound(to: ev_timer.self)
  }
}
