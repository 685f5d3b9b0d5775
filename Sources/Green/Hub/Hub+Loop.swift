internal import CFiber
internal import CLibEv

extension Hub {
  /// Runs what is ready, waits, runs what became ready, until no fiber is left.
  func runLoop() {
    while state.pointee.alive > 0 {
      state.pointee.resumedSincePoll = 0
      // The fibers hand over to each other and come back here when none is ready, or when it is the loop's turn.
      let fiber = next()
      if fiber != state.pointee.root {
        green_switch(fiber)
        reap()
      }
      if state.pointee.alive == 0 { break }
      descriptors.dropClosed()
      let isBusy = !state.pointee.queue.isEmpty || !state.pointee.batch.isEmpty
      ev_run(state.pointee.loop, CInt(isBusy ? EVRUN_NOWAIT : EVRUN_ONCE))
    }
  }

  /// Starts a fiber: it is ready at once and runs after those that were ready before it.
  func start(_ object: AnyFiber, name: String?) throws {
    let argument = Unmanaged.passUnretained(object).toOpaque()
    guard let fiber = green_fiber_create(state.pointee.pool, { Hub.enter($0!) }, argument) else {
      throw HubError.stacks(String(cString: green_pool_error(state.pointee.pool)))
    }
    fiber.makeRecord(hub: self, object: object)
    object.started(as: fiber)
    if let name { fiber.setName(name) }
    let record = fiber.record
    record.pointee.state = .ready
    record.pointee.nextAlive = state.pointee.firstAlive
    state.pointee.firstAlive?.record.pointee.previousAlive = fiber
    state.pointee.firstAlive = fiber
    state.pointee.alive += 1
    state.pointee.queue.append(fiber)
  }

  /// The first frame of each fiber. It is never unwound, so nothing that needs releasing may live in it.
  private static func enter(_ argument: UnsafeMutableRawPointer) {
    green_finish(perform(argument))
  }

  /// Runs the fiber from its first to its last statement and says which fiber goes on.
  @inline(never)
  private static func perform(_ argument: UnsafeMutableRawPointer) -> FiberPointer {
    let fiber = green_current()!
    let hub = fiber.record.pointee.hub.takeUnretainedValue()
    hub.reap()
    Unmanaged<AnyFiber>.fromOpaque(argument).takeUnretainedValue().main()
    hub.retire(fiber)
    return hub.next()
  }

  private func retire(_ fiber: FiberPointer) {
    let record = fiber.record
    // Frees a result or an error that nobody has read, whose deinit may wait: the fiber is still alive for that.
    let object = record.pointee.object
    record.pointee.object = nil
    object?.release()
    disarm(fiber)
    record.pointee.state = .finished
    if let previous = record.pointee.previousAlive {
      previous.record.pointee.nextAlive = record.pointee.nextAlive
    } else {
      state.pointee.firstAlive = record.pointee.nextAlive
    }
    record.pointee.nextAlive?.record.pointee.previousAlive = record.pointee.previousAlive
    state.pointee.alive -= 1
    state.pointee.finished = fiber
  }
}
