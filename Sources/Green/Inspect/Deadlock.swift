internal import CFiber
internal import CLibEv
internal import Glibc

// "Would block forever": no fiber is ready, no timer is set, and nothing outside can wake one.

extension UnsafeMutablePointer where Pointee == HubState {
  /// Whether descriptors, other threads' handles or watchers of other libraries may wake a fiber. Looking may wake one. Asked
  /// only when none is ready and no timer is set.
  func isWokenFromOutside() -> Bool {
    pointee.externalWaits > 0 || hub.remoteWakes.hasOutsiders || hasGuests()
  }

  /// Whether watchers of other libraries are active on the loop: its own count, less those of the hub.
  private func hasGuests() -> Bool {
    // Only what the loop has beside the hub's door for other threads and watchers without a waiter.
    table.stopUnwaited()
    ev_unref(pointee.loop)
    defer { ev_ref(pointee.loop) }
    return ev_run(pointee.loop, CInt(EVRUN_NOWAIT)) != 0 || isAnyReady
  }

  /// Another thread may open a lock that a fiber waits for. Nobody is told when that thread ends.
  func hasOtherThreads() -> Bool {
    var status = stat()
    // The links of the folder are "." and "..", and one for each thread.
    return stat("/proc/self/task", &status) != 0 || status.st_nlink > 3
  }

  /// Says so, and ends what can be ended: every fiber is cancelled, so that its clean-up runs and ``Hub/run(stackSize:_:)``
  /// throws. Locks that nobody will give back cannot be called off: whoever waits for one stays as it is.
  func endDeadlock() {
    let hub = hub
    guard hub.deadlock == nil else {
      Report.message("\(pointee.alive) fibers still wait for locks that nobody will give back")
      pointee.isAbandoned = true
      return
    }
    let dump = "\(hub.dump())"
    hub.deadlock = .deadlock(dump)
    Report.message("every fiber waits for something that can never happen\n\(dump)")
    cancelAll(cause: hub.deadlock)
  }

  func cancelAll(cause: (any Error)?) {
    forEachFiber { $0.record.pointee.object?.takeUnretainedValue().cancel(cause: cause) }
  }

  func reportRefusals(_ fiber: FiberPointer, _ wake: Wake) {
    let why = wake == .cancelled ? "was cancelled" : "has passed its deadline"
    Report.message(
      "fiber \(fiber.pointee.id) \"\(String(cString: cfiber_name(fiber)))\", spawned at "
        + "\(fiber.record.pointee.site), \(why), and has tried to wait 1,000 times since: it should end")
  }

  func forEachFiber(_ body: (FiberPointer) -> Void) { pointee.fibers.forEach(body) }
}
