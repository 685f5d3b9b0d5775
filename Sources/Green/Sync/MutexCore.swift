internal import CParking

/// A mutex without its value: what is compiled once for all of them.
@usableFromInline
struct MutexCore {
  /// The fiber that holds the lock, 0 for a thread or nobody. First, since a dump finds it by the mutex's address.
  fileprivate var owner: UInt64 = 0
  fileprivate var state: UInt32 = MutexCore.free

  fileprivate static var free: UInt32 { 0 }
  fileprivate static var held: UInt32 { 1 }
  fileprivate static var contended: UInt32 { 2 }

  init() {}
}

@usableFromInline typealias MutexPointer = UnsafeMutablePointer<MutexCore>

extension UnsafeMutablePointer where Pointee == MutexCore {
  private var state: UnsafeMutablePointer<UInt32> {
    (UnsafeMutableRawPointer(self) + MemoryLayout<MutexCore>.offset(of: \.state)!)
      .assumingMemoryBound(to: UInt32.self)
  }

  private var owner: UnsafeMutablePointer<UInt64> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: UInt64.self)
  }

  @inline(__always)
  private func exchange(_ expected: UInt32, _ desired: UInt32) -> Bool {
    cparking_compare_exchange(state, expected, desired)
  }

  /// The number of the fiber that holds it, 0 for a thread or nobody.
  var holder: UInt64 { cparking_load(owner) }

  /// Whether the calling fiber holds it; `false` outside fibers.
  var isMine: Bool {
    let me = Hub.runningID
    return me != 0 && cparking_load(owner) == me
  }

  /// Takes the lock. Nothing ends the wait for it but having it.
  @usableFromInline
  func lock() {
    if !exchange(MutexCore.free, MutexCore.held) { lockContended() }
    cparking_store(owner, Hub.runningID)
  }

  @inline(never)
  private func lockContended() {
    let running = Hub.running
    if running == nil { LoopCallback.willWait(forLockAt: address, heldBy: holder) }
    if let (hub, fiber) = running { hub.beginLockWait(fiber, self) }
    defer { if let (hub, fiber) = running { hub.endLockWait(fiber) } }
    _ = lockContended { ParkingLot.park(address, for: reason, validate: $0) }
  }

  /// Takes the lock, unless the wait for it is ended.
  @usableFromInline
  func lock(until deadline: Deadline) throws {
    if !exchange(MutexCore.free, MutexCore.held) {
      if deadline == .never { LoopCallback.willWait(forLockAt: address, heldBy: holder) }
      try lockContended {
        ParkingLot.parkInterruptibly(address, until: deadline, for: reason, validate: $0)
      }.check()
    }
    cparking_store(owner, Hub.runningID)
  }

  @usableFromInline
  func tryLock() -> Bool {
    guard exchange(MutexCore.free, MutexCore.held) else { return false }
    cparking_store(owner, Hub.runningID)
    return true
  }

  @usableFromInline
  func unlock() {
    cparking_store(owner, 0)
    if !exchange(MutexCore.held, MutexCore.free) { unlockContended() }
  }

  private var address: UnsafeRawPointer { UnsafeRawPointer(self) }
  private var reason: WaitReason { WaitReason(.mutex, at: address) }

  /// - Returns: `.ready` with the lock held.
  @inline(never)
  private func lockContended(_ park: (_ validate: () -> Bool) -> Wake) -> Wake {
    precondition(!isMine, "a fiber asked for a Mutex that it holds: use ReentrantMutex")
    while !exchange(MutexCore.free, MutexCore.held) {
      var isHandedOver = true
      let wake = park {
        // Under the bucket's lock: from here on the holder sees that somebody waits, and hands the lock over.
        if exchange(MutexCore.held, MutexCore.contended) || cparking_load32(state) == MutexCore.contended {
          return true
        }
        isHandedOver = false
        return false
      }
      if wake != .ready || isHandedOver { return wake }
    }
    return .ready
  }

  /// Hands the lock to the first who waits: it stays held, by another, who is known before it has had its turn.
  @inline(never)
  private func unlockContended() {
    ParkingLot.unparkOne(address) { isWoken, hasMore in
      cparking_store32(state, !isWoken ? MutexCore.free : hasMore ? MutexCore.contended : MutexCore.held)
    } handOver: {
      cparking_store(owner, $0)
    }
  }
}

/// A mutex as the guard of a ``WaitList``: where code that is not this module's runs under it, and may wait.
struct MutexGuard: WaitLock {
  let core: MutexPointer

  func acquire() { core.lock() }
  func release() { core.unlock() }
}
