internal import CFiber

// A burst of fibers leaves stacks behind whose pages stay resident. An idle hub gives them back: once, a second after it
// became idle, and then it sleeps undisturbed.
extension UnsafeMutablePointer where Pointee == HubState {
  /// To be called before the hub waits.
  @inline(__always)
  func setTrimmer() {
    if pointee.trimmer.isSet || green_pool_warm(pointee.pool) <= HubState.stacksKept { return }
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
      green_pool_trim(hub.pointee.pool, HubState.stacksKept)
    }
    pointee.timers.insert(timer, at: Deadline.realNow.nanoseconds + HubState.idleTime)
  }
}
