internal import CParking
internal import Glibc

/// A mutex without its value: what is compiled once for all of them.
@usableFromInline
struct MutexCore {
  /// The fiber or the thread that holds the lock, 0 for nobody: see `Hub.runningOwner`. First, since a dump finds it by the
  /// mutex's address.
  fileprivate var owner: UInt64 = 0
  fileprivate var state: UInt32 = MutexCore.free

  fileprivate static var free: UInt32 { 0 }
  fileprivate static var held: UInt32 { 1 }
  fileprivate static var contended: UInt32 { 2 }

  init() {}
}

@usableFromInline typealias MutexPointer = UnsafeMutablePointer<MutexCore>

extension Hub {
  /// Has a thread's number where a fiber's would be: no fiber has so high a one.
  fileprivate static var threadMark: UInt64 { 1 << 63 }

  /// The number of the fiber that the calling code runs in; outside fibers that of the thread, with ``threadMark``. Never 0.
  @inline(__always)
  fileprivate static var runningOwner: UInt64 {
    let fiber = runningID
    return fiber != 0 ? fiber : UInt64(pthread_self()) | threadMark
  }
}

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
  var holder: UInt64 {
    let owner = cparking_load(owner)
    return owner & Hub.threadMark == 0 ? owner : 0
  }

  /// Whether the calling fiber holds it, or outside fibers the calling thread: nobody but itself can have written its number.
  private var isMine: Bool { cparking_load(owner) == Hub.runningOwner }

  /// Who holds a lock waits for ever for it.
  private func checkIsNotMine() {
    requirement(!isMine, "\(LoopCallback.caller) asked for a Mutex that it holds: use ReentrantMutex")
  }

  /// Takes the lock. Nothing ends the wait for it but having it.
  @usableFromInline
  func lock() {
    if !exchange(MutexCore.free, MutexCore.held) { lockContended() }
    cparking_store(owner, Hub.runningOwner)
  }

  @inline(never)
  private func lockContended() {
    let running = Hub.running
    if running == nil { willWaitOutsideFibers() }
    if let (hub, fiber) = running { hub.beginLockWait(fiber, self) }
    defer { if let (hub, fiber) = running { hub.endLockWait(fiber) } }
    _ = lockContended { ParkingLot.park(address, for: reason, validate: $0) }
  }

  /// Takes the lock, unless the wait for it is ended.
  @usableFromInline
  func lock(until deadline: Deadline) throws {
    if !exchange(MutexCore.free, MutexCore.held) {
      if deadline == .never { willWaitOutsideFibers() }
      try lockContended {
        ParkingLot.parkInterruptibly(address, until: deadline, for: reason, validate: $0)
      }.check()
    }
    cparking_store(owner, Hub.runningOwner)
  }

  @usableFromInline
  func tryLock() -> Bool {
    guard exchange(MutexCore.free, MutexCore.held) else { return false }
    cparking_store(owner, Hub.runningOwner)
    return true
  }

  @usableFromInline
  func unlock() {
    cparking_store(owner, 0)
    if !exchange(MutexCore.held, MutexCore.free) { unlockContended() }
  }

  private func willWaitOutsideFibers() {
    checkIsNotMine()
    LoopCallback.willWait(forLockAt: address, heldBy: holder)
  }

  private var address: UnsafeRawPointer { UnsafeRawPointer(self) }
  private var reason: WaitReason { WaitReason(.mutex, at: address) }

  /// - Returns: `.ready` with the lock held.
  @inline(never)
  private func lockContended(_ park: (_ validate: () -> Bool) -> Wake) -> Wake {
    checkIsNotMine()
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
