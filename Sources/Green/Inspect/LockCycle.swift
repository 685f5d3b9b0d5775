internal import CGlibc
internal import CParking

// Fibers that wait for each other's mutexes wait for ever, while the rest of the program may go on and never show it. So
// when a fiber begins to wait for a mutex, it looks whether the holder waits for a mutex too, and whether that leads
// back to itself. The last of a circle to come sees it whole.

/// The fibers of a hub that wait for a mutex, found by their numbers: chained through their records.
struct LockWaiters {
  private static let bucketCount: UInt64 = 64
  /// Unsafe: a plain buffer, which belongs to the hub's thread.
  private let buckets: UnsafeMutablePointer<FiberPointer?>
  private(set) var count = 0

  init() {
    buckets = .allocate(capacity: Int(Self.bucketCount))
    buckets.initialize(repeating: nil, count: Int(Self.bucketCount))
  }

  func deallocate() { buckets.deallocate() }

  private func bucket(_ id: UInt64) -> UnsafeMutablePointer<FiberPointer?> { buckets + Int(id % Self.bucketCount) }

  mutating func insert(_ fiber: FiberPointer) {
    let bucket = bucket(fiber.pointee.id)
    fiber.record.pointee.previousLockWaiter = nil
    fiber.record.pointee.nextLockWaiter = bucket.pointee
    bucket.pointee?.record.pointee.previousLockWaiter = fiber
    bucket.pointee = fiber
    count += 1
  }

  mutating func remove(_ fiber: FiberPointer) {
    let (previous, next) = (fiber.record.pointee.previousLockWaiter, fiber.record.pointee.nextLockWaiter)
    if let previous { previous.record.pointee.nextLockWaiter = next } else { bucket(fiber.pointee.id).pointee = next }
    next?.record.pointee.previousLockWaiter = previous
    count -= 1
  }

  /// The waiting fiber with a number; `nil` when no such fiber waits for a mutex.
  func find(_ id: UInt64) -> FiberPointer? {
    var fiber = bucket(id).pointee
    while let one = fiber, one.pointee.id != id { fiber = one.record.pointee.nextLockWaiter }
    return fiber
  }

  mutating func removeAll() {
    buckets.update(repeating: nil, count: Int(Self.bucketCount))
    count = 0
  }
}

extension UnsafeMutablePointer where Pointee == HubState {
  /// The fiber is about to wait for a mutex, without a deadline, and cannot go on without it.
  func beginLockWait(_ fiber: FiberPointer, _ mutex: MutexPointer) {
    if pointee.lockWaiters.count > 0, let circle = circle(from: fiber, mutex) { reportCircle(circle) }
    pointee.lockWaiters.insert(fiber)
  }

  func endLockWait(_ fiber: FiberPointer) { pointee.lockWaiters.remove(fiber) }

  /// The fibers of which each waits for a mutex of the next, and the last for one of the first: `fiber` is the last.
  private func circle(from fiber: FiberPointer, _ mutex: MutexPointer) -> [FiberPointer]? {
    var circle: [FiberPointer] = []
    var wanted = mutex
    while circle.count <= pointee.lockWaiters.count {
      let owner = wanted.holder
      if owner == fiber.pointee.id { return circle + [fiber] }
      guard owner != 0, let next = pointee.lockWaiters.find(owner), let nextWanted = next.wantedMutex else {
        return nil
      }
      circle.append(next)
      wanted = nextWanted
    }
    return nil
  }

  private func reportCircle(_ circle: [FiberPointer]) {
    let hub = hub
    let fibers = circle.map { FiberDescription(of: $0, in: hub, withBacktrace: true) }
    let names = fibers.map { "\($0.id)" }.joined(separator: ", ")
    cglibc_report(
      "greenfinch: fibers \(names) hold a mutex each and wait for the next one's, the last for the first's: they will "
        + "wait for ever\n" + fibers.map(\.description).joined(separator: "\n"))
  }
}

extension FiberPointer {
  /// The mutex that the parked fiber waits for.
  fileprivate var wantedMutex: MutexPointer? {
    guard record.pointee.state == .parked, record.pointee.waitKind == .mutex else { return nil }
    return MutexPointer(bitPattern: record.pointee.waitDetail)
  }
}
