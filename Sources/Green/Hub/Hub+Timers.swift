internal import CFiber

// A server moves its deadlines at every request and almost never meets them. So a fiber's timer that fires early enough
// is left where it is, and one that fires before its fiber's present deadline is set again for the rest: one operation
// in the time of a deadline instead of two for each wait.
extension UnsafeMutablePointer where Pointee == HubState {
  /// Sets the fiber's timer for its present deadline, which is earlier than what it is set for.
  @inline(never)
  func arm(_ fiber: FiberPointer) {
    let timer = fiber.timer
    pointee.timers.remove(timer)
    timer.pointee.fiber = fiber
    pointee.timers.insert(timer, at: fiber.record.pointee.deadline)
  }

  func disarm(_ fiber: FiberPointer) { stop(fiber.timer) }

  func stop(_ timer: UnsafeMutablePointer<TimerNode>) {
    pointee.timers.remove(timer)
    timer.pointee.time = .max
  }

  /// Runs the timers whose time has come.
  func fireTimers(_ now: Int64) {
    while let timer = pointee.timers.popDue(now) {
      timer.pointee.time = .max
      if let fiber = timer.pointee.fiber {
        fire(fiber, now)
      } else if let action = timer.pointee.action, let argument = timer.pointee.argument {
        pointee.latestCall = now
        action(argument)
      }
    }
  }

  private func fire(_ fiber: FiberPointer, _ now: Int64) {
    let record = fiber.record
    guard record.pointee.state == .parked, record.pointee.deadline != .max else { return }
    if record.pointee.deadline <= now { ready(fiber, .deadline) } else { arm(fiber) }
  }
}
