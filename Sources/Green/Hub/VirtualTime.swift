internal import CLibEv

extension Hub {
  /// Whether the hub's time is virtual: it stands still while fibers run, and jumps to the next timer when none can.
  var isVirtual: Bool { state.pointee.virtualNow != 0 }

  /// A turn of a hub with virtual time, when no fiber is ready.
  func turnVirtually() {
    // What has happened meanwhile on real descriptors comes before time goes on.
    ev_run(state.pointee.loop, CInt(EVRUN_NOWAIT))
    if isAnyReady { return }
    dropStaleTimers()
    if remoteWakes.hasOutsiders {
      // Other threads' work takes no virtual time, however long it takes.
      ev_run(state.pointee.loop, CInt(EVRUN_ONCE))
    } else if state.pointee.timers.count > 0 {
      state.pointee.virtualNow = max(state.pointee.virtualNow, state.pointee.timers.earliest)
    } else if canBeWoken() {
      ev_run(state.pointee.loop, CInt(EVRUN_ONCE))
    } else {
      endDeadlock()
    }
  }

  /// Timers left behind by waits that ended early must not carry the time along.
  private func dropStaleTimers() {
    while let timer = state.pointee.timers.first, let fiber = timer.pointee.fiber {
      let record = fiber.record
      if record.pointee.state == .parked && record.pointee.deadline == timer.pointee.time { return }
      disarm(fiber)
      if record.pointee.state == .parked && record.pointee.deadline != .max { arm(fiber) }
    }
  }
}
