internal import CFiber

/// The fibers of a hub that wait for a lock, found by their numbers: chained through their records.
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

  /// The waiting fiber with a number; `nil` when no such fiber waits for a lock.
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
