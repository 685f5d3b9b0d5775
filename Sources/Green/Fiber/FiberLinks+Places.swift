/// All fibers of a hub that have not finished.
enum AliveLinks: FiberLinkPlace {
  static subscript(fiber: FiberPointer) -> FiberLinks {
    @inline(__always) get { fiber.record.pointee.alive }
    @inline(__always) set { fiber.record.pointee.alive = newValue }
  }
}

/// Those that wait for a lock.
enum LockWaiterLinks: FiberLinkPlace {
  static subscript(fiber: FiberPointer) -> FiberLinks {
    @inline(__always) get { fiber.record.pointee.lockWaiters }
    @inline(__always) set { fiber.record.pointee.lockWaiters = newValue }
  }
}
