internal import CFiber

// Fibers that wait for each other's locks wait for ever, while the rest of the program may go on and never show it. So
// when a fiber begins to wait for a lock, it looks whether a holder waits for a lock too, and whether that leads back to
// itself. The last of a circle to come sees it whole.

extension UnsafeMutablePointer where Pointee == HubState {
  /// The fiber is about to wait for a mutex, without a deadline, and cannot go on without it.
  func beginLockWait(_ fiber: FiberPointer, _ mutex: MutexPointer) {
    if pointee.lockWaiters.count > 0 { lookForCircle(fiber, [mutex.holder]) }
    pointee.lockWaiters.insert(fiber)
  }

  /// The same for a lock of the C library.
  func beginLockWait(_ fiber: FiberPointer, _ object: UnsafePointer<NativeObject>) {
    let isNew = !object.pointee.isAgain
    if isNew && (pointee.lockWaiters.count > 0 || object.pointee.isHeld(by: fiber.pointee.id)) {
      lookForCircle(fiber, object.pointee.holders)
    }
    pointee.lockWaiters.insert(fiber)
  }

  private func lookForCircle(_ fiber: FiberPointer, _ holders: [UInt64]) {
    var circle = Circle(end: fiber.pointee.id, waiters: pointee.lockWaiters)
    if circle.close(over: holders) { reportCircle(circle.fibers + [fiber]) }
  }

  func endLockWait(_ fiber: FiberPointer) { pointee.lockWaiters.remove(fiber) }

  private func reportCircle(_ circle: [FiberPointer]) {
    let hub = hub
    // The last one runs: what it is about to wait for is not in its record yet.
    let fibers = circle.map { FiberDescription(of: $0, in: hub, withBacktrace: true) }
    let names = fibers.map { "\($0.id)" }.joined(separator: ", ")
    let problem =
      circle.count == 1
      ? "fiber \(names) waits for a lock that it holds itself: it will wait for ever"
      : "fibers \(names) hold a lock each and wait for the next one's, the last for the first's: they will wait for ever"
    Report.message("\(problem)\n" + fibers.map(\.description).joined(separator: "\n"))
  }
}

/// The fibers of which each waits for a lock of the next, and the last for one of the first: looked for from the holders
/// that the last is about to wait for.
private struct Circle {
  let end: UInt64
  let waiters: LockWaiters
  var fibers: [FiberPointer] = []
  private var seen: Set<UInt64> = []

  init(end: UInt64, waiters: LockWaiters) {
    self.end = end
    self.waiters = waiters
  }

  mutating func close(over holders: [UInt64]) -> Bool {
    if holders.contains(end) { return true }
    for holder in holders where holder != 0 && seen.insert(holder).inserted {
      guard let fiber = waiters.find(holder) else { continue }
      fibers.append(fiber)
      if close(over: fiber.awaitedHolders ?? []) { return true }
      fibers.removeLast()
    }
    return false
  }
}

extension FiberPointer {
  /// The fibers that hold the lock which the parked fiber waits for; `nil` where it waits for none. A plain thread that holds one
  /// has the number 0, which no fiber has.
  var awaitedHolders: [UInt64]? {
    guard record.pointee.state == .parked else { return nil }
    // Unsafe: what a fiber waits for lives as long as the wait, and this is asked on the hub's thread.
    switch record.pointee.waitKind {
    case .mutex: return MutexPointer(bitPattern: record.pointee.waitDetail).map { [$0.holder] }
    case .native:
      guard let object = UnsafePointer<NativeObject>(bitPattern: record.pointee.waitDetail)?.pointee else { return nil }
      return object.isLock ? object.holders : nil
    default: return nil
    }
  }
}
