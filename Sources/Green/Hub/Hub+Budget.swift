// Fibers that never have to wait must not keep the thread: they spend from a budget, and when that is used up the others
// have their turn.

extension UnsafeMutablePointer where Pointee == HubState {
  /// To be called by Green's calls that found what they wanted without waiting. A fiber that never has to wait gives
  /// the others their turn after some dozens of such calls, and the loop its turn after 1.2 ms, so that no
  /// fiber keeps it for two.
  @inline(__always)
  func spend(_ fiber: FiberPointer) {
    pointee.spent &+= 1
    if pointee.spent % 64 == 0 { spendSlice(fiber) }
  }

  @inline(never)
  private func spendSlice(_ fiber: FiberPointer) {
    // Not in the middle of parking, from where a hook may send to a channel.
    guard fiber.record.pointee.state == .running else { return }
    if pointee.choice != nil { return spendChosen(fiber) }
    defer { pointee.switchesWhenSpent = pointee.switches }
    // Only when no switch came between: then one fiber has made all these calls.
    if pointee.switchesWhenSpent == pointee.switches { yield(fiber) }
  }

  /// Where somebody chooses who is next, a fiber may be interrupted at each of these calls, not just at every 64th: what goes
  /// wrong when others come between two such calls is to be found.
  private func spendChosen(_ fiber: FiberPointer) {
    askAtNextSpend()
    if pointee.choice?.interrupts() == true { yield(fiber) }
  }

  func askAtNextSpend() { pointee.spent = .max }

  /// As ``spend(_:)``, for a system call that did not have to wait and moved so many bytes.
  @inline(__always)
  func spend(_ fiber: FiberPointer, bytes: Int) {
    pointee.transferBudget &-= bytes &+ HubState.bytesPerCall
    if pointee.transferBudget < 0 { spentTransferSlice(fiber) }
  }

  @inline(never)
  func spentTransferSlice(_ fiber: FiberPointer) {
    pointee.transferBudget = HubState.bytesPerSlice
    guard fiber.record.pointee.state == .running else { return }
    defer { pointee.switchesWhenTransferred = pointee.switches }
    if pointee.switchesWhenTransferred == pointee.switches { yieldToLoop(fiber) }
  }
}

extension Hub {
  /// See `spend(_:)`; nothing outside fibers.
  @inline(__always)
  static func spend() {
    if let (hub, fiber) = running { hub.spend(fiber) }
  }

  /// See `spend(_:bytes:)`; nothing outside fibers.
  @inline(__always)
  package static func spend(bytes: Int) {
    if let (hub, fiber) = running { hub.spend(fiber, bytes: bytes) }
  }
}
