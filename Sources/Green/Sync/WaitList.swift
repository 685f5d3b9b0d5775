internal import CGlibc
internal import CParking
internal import Glibc

/// One who waits: a fiber, or a plain thread. It lies on the waiter's stack, which stands still until it is woken.
struct Waiter {
  /// First, so that the hub's door for other threads can pass it on.
  var parking: cparking_waiter
  var previous: UnsafeMutablePointer<Waiter>?
  var next: UnsafeMutablePointer<Waiter>?
  /// Whether it is in its list; guarded by the list's lock. Whoever takes it out wakes it.
  var isQueued = false
  /// How much it asks for, or which case of a selection it is.
  var tag = 0
  /// Where the value lies that it gives, or where the one goes that it takes.
  var slot: UnsafeMutableRawPointer?
  /// The selection that this is a case of.
  var selection: UnsafeMutablePointer<Selection>?

  /// A waiter for the calling fiber or thread.
  init() {
    parking = cparking_waiter()
    if let (hub, fiber) = Hub.running {
      parking.hub = UnsafeMutableRawPointer(hub)
      parking.fiber = UnsafeMutableRawPointer(fiber)
    }
  }
}

/// What the cases of one selection share: the first to be answered takes it, and the others are passed over.
struct Selection {
  var lock: UInt32 = 0
  /// The tag of the case that was answered, -1 before.
  var winner = -1
  /// Whoever waits for it.
  var main: UnsafeMutablePointer<Waiter>

  mutating func claim(_ tag: Int) -> Bool {
    cparking_lock(&lock)
    defer { cparking_unlock(&lock) }
    guard winner < 0 else { return false }
    winner = tag
    return true
  }
}

extension UnsafeMutablePointer where Pointee == Waiter {
  /// The waiter has been taken out of its list, with what it waited for done: it goes on. Any thread may call it, and
  /// must not touch the waiter afterwards.
  func wake() {
    let target = pointee.selection.map { $0.pointee.main } ?? self
    let parking = UnsafeMutableRawPointer(target).assumingMemoryBound(to: cparking_waiter.self)
    ParkingLot.wakeOne(parking)
  }
}

/// Those who wait for one object, first come, first served. Fibers park and threads block; both may be in one list.
///
/// The owner guards it, together with its own state, by an ``SyncLock``. All synchronisation is this pattern:
///
/// ```swift
/// lock.acquire()
/// if canGoOn { change(); lock.release(); return }
/// try list.wait(&waiter, lock, until: deadline, for: reason)   // releases the lock
/// ```
///
/// and on the other side, with the lock held, `list.popFirst()`, the change on the waiter's behalf, and, the lock
/// released, `wake()`. Who has been taken out has what it waited for, even when it was cancelled meanwhile.
struct WaitList {
  private(set) var first: UnsafeMutablePointer<Waiter>?
  private var last: UnsafeMutablePointer<Waiter>?

  @inline(__always)
  var isEmpty: Bool { first == nil }

  mutating func append(_ waiter: UnsafeMutablePointer<Waiter>) {
    waiter.pointee.next = nil
    waiter.pointee.previous = last
    waiter.pointee.isQueued = true
    if let last { last.pointee.next = waiter } else { first = waiter }
    last = waiter
  }

  mutating func remove(_ waiter: UnsafeMutablePointer<Waiter>) {
    let (previous, next) = (waiter.pointee.previous, waiter.pointee.next)
    if let previous { previous.pointee.next = next } else { first = next }
    if let next { next.pointee.previous = previous } else { last = previous }
    waiter.pointee.isQueued = false
  }

  /// Takes out the first who still waits. A case of a selection that another case has answered is passed over.
  mutating func popFirst() -> UnsafeMutablePointer<Waiter>? {
    while let waiter = first {
      remove(waiter)
      guard let selection = waiter.pointee.selection else { return waiter }
      if selection.pointee.claim(waiter.pointee.tag) { return waiter }
    }
    return nil
  }

  /// Takes out all who wait, for ``wakeAll(_:)`` once the lock is released.
  mutating func takeAll() -> WaitList {
    var taken = WaitList()
    while let waiter = popFirst() {
      taken.append(waiter)
      waiter.pointee.isQueued = false
    }
    return taken
  }

  /// Wakes those of a list made by ``takeAll()``, in order.
  static func wakeAll(_ taken: WaitList) {
    var waiter = taken.first
    while let one = waiter {
      // Read first: a waiter that has been woken is gone.
      waiter = one.pointee.next
      one.wake()
    }
  }
}

/// The lock around an object's state and its ``WaitList``: held for a few instructions, never over a wait.
typealias SyncLock = UnsafeMutablePointer<UInt32>

extension UnsafeMutablePointer where Pointee == UInt32 {
  @inline(__always)
  func acquire() { cparking_lock(self) }

  @inline(__always)
  func release() { cparking_unlock(self) }
}

extension UnsafeMutablePointer where Pointee == WaitList {
  /// Queues the waiter, gives the lock back and waits until the waiter is taken out. The lock is not held afterwards.
  ///
  /// - Returns: `.ready` when it was taken out; otherwise it is out of the list and nothing was done for it.
  func wait(_ waiter: UnsafeMutablePointer<Waiter>, _ lock: SyncLock, until deadline: Deadline, for reason: WaitReason)
    -> Wake
  {
    pointee.append(waiter)
    waiter.prepare()
    lock.release()
    let wake = waiter.sleep(until: deadline, for: reason)
    guard wake != .ready else { return .ready }
    lock.acquire()
    if waiter.pointee.isQueued {
      pointee.remove(waiter)
      lock.release()
      waiter.forget()
      return wake
    }
    lock.release()
    waiter.sleepOn(reason)
    return .ready
  }
}

extension UnsafeMutablePointer where Pointee == Waiter {
  private var parking: UnsafeMutablePointer<cparking_waiter> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: cparking_waiter.self)
  }

  /// To be called before anybody can wake it.
  func prepare() {
    if pointee.parking.hub == nil { sem_init(&parking.pointee.semaphore, 0, 0) }
  }

  /// Waits for ``wake()``: `.ready` when it came, and then the waiter is done with.
  func sleep(until deadline: Deadline, for reason: WaitReason) -> Wake {
    let wake = ParkingLot.sleep(parking, until: deadline, for: reason)
    if wake == .ready { forget() }
    return wake
  }

  /// Somebody has taken the waiter out, and its wake is on the way: waits for that, whatever else happens.
  func sleepOn(_ reason: WaitReason) {
    ParkingLot.sleepOn(parking, for: reason)
    forget()
  }

  func forget() {
    if pointee.parking.hub == nil { sem_destroy(&parking.pointee.semaphore) }
  }
}
