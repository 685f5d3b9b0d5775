internal import CFiber

/// The fibers of a hub that wait for a lock, found by their numbers: chained through their records.
struct LockWaiters {
  private static let bucketCount: UInt64 = 64
  /// Unsafe: a plain buffer, which belongs to the hub's thread.
  private let buckets: UnsafeMutablePointer<FiberChain<LockWaiterLinks>>
  private(set) var count = 0

  init() {
    buckets = .allocate(capacity: Int(Self.bucketCount))
    buckets.initialize(repeating: FiberChain(), count: Int(Self.bucketCount))
  }

  func deallocate() { buckets.deallocate() }

  private func bucket(_ id: UInt64) -> UnsafeMutablePointer<FiberChain<LockWaiterLinks>> {
    buckets + Int(id % Self.bucketCount)
  }

  mutating func insert(_ fiber: FiberPointer) {
    bucket(fiber.pointee.id).pointee.insert(fiber)
    count += 1
  }

  mutating func remove(_ fiber: FiberPointer) {
    bucket(fiber.pointee.id).pointee.remove(fiber)
    count -= 1
  }

  /// The waiting fiber with a number; `nil` when no such fiber waits for a lock.
  func find(_ id: UInt64) -> FiberPointer? { bucket(id).pointee.first { $0.pointee.id == id } }

  mutating func removeAll() {
    buckets.update(repeating: FiberChain(), count: Int(Self.bucketCount))
    count = 0
  }
}
