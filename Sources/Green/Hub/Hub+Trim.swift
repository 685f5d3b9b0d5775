internal import CFiber
internal import CGlibc

// A burst of fibers leaves stacks behind whose pages stay resident. An idle hub gives them back: once, a second after it
// became idle, and then it sleeps undisturbed. The free memory of the heap goes with them.
extension UnsafeMutablePointer where Pointee == HubState {
  /// To be called before the hub waits.
  @inline(__always)
  func setTrimmer() {
    if pointee.trimmer.isSet || cfiber_pool_warm(pointee.pool) <= HubState.stacksKept { return }
    startTrimmer()
  }

  private func startTrimmer() {
    let offset = MemoryLayout<HubState>.offset(of: \.trimmer)!
    // Unsafe: the state does not move while the hub lives.
    let timer = (UnsafeMutableRawPointer(self) + offset).assumingMemoryBound(to: TimerNode.self)
    timer.pointee.argument = UnsafeMutableRawPointer(self)
    timer.pointee.action = { argument in
      let hub = argument.assumingMemoryBound(to: HubState.self)
      if hub.isAnyReady { return }
      cfiber_pool_trim(hub.pointee.pool, HubState.stacksKept)
      // What those fibers had on the heap lies scattered between what lives.
      cglibc_trim_heap()
    }
    pointee.timers.insert(timer, at: Deadline.realNow.nanoseconds + HubState.idleTime)
  }
}

extension Fiber where Success == Never {
  /// Gives the memory back that earlier calls have left below on the calling fiber's stack: for a fiber that is about to
  /// wait for long. Costs one system call, and page faults when it calls as deeply again.
  package static func giveBackStack() {
    // Somebody reads from stacks how deep they went.
    guard let (hub, _) = Hub.running, !hub.pointee.moments.contains(.stacks) else { return }
    cfiber_stack_give_back()
  }
}
