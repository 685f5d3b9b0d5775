internal import CLibEv

extension UnsafeMutablePointer where Pointee == HubState {
  /// Whether the hub's time is virtual: it stands still while fibers run, and jumps to the next timer when none can.
  var isVirtual: Bool { pointee.virtualNow != 0 }

  /// A turn of a hub with virtual time, when no fiber is ready.
  func turnVirtually() {
    // What has happened meanwhile on real descriptors comes before time goes on.
    ev_run(pointee.loop, CInt(EVRUN_NOWAIT))
    if isAnyReady { return }
    dropStaleTimers()
    if hub.remoteWakes.hasOutsiders {
      // Other threads' work takes no virtual time, however long it takes.
      ev_run(pointee.loop, CInt(EVRUN_ONCE))
    } else if pointee.timers.count > 0 {
      pointee.virtualNow = max(pointee.virtualNow, pointee.timers.earliest)
    } else if canBeWoken() {
      ev_run(pointee.loop, CInt(EVRUN_ONCE))
    } else {
      endDeadlock()
    }
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
