internal import CParking
internal import Glibc

/// One who waits: a fiber, or a plain thread. It lies on the waiter's stack, which stands still until it is woken.
struct Waiter: Linked {
  /// First, so that the hub's door for other threads can pass it on.
  var parking: cparking_waiter
  var previous: WaiterPointer?
  var next: WaiterPointer?
  /// Whether it is in its list; guarded by the list's lock. Whoever takes it out wakes it.
  var isQueued = false
  /// What it asks for, in the terms of what it waits for; or which case of a selection it is.
  var tag = 0
  /// Where the value lies that it gives, or where the one goes that it takes.
  var slot: UnsafeMutableRawPointer?
  /// Whether it was woken because nothing will come any more: what it waited for was closed.
  var isRefused = false
  /// The selection that this is a case of.
  var selection: UnsafeMutablePointer<Selection>?

  /// A waiter for the calling fiber or thread.
  @inline(__always)
  init(tag: Int = 0, slot: UnsafeMutableRawPointer? = nil) {
    parking = cparking_waiter()
    self.tag = tag
    self.slot = slot
    if let (hub, fiber) = Hub.running {
      parking.hub = UnsafeMutableRawPointer(hub)
      parking.fiber = UnsafeMutableRawPointer(fiber)
    }
  }
}

typealias WaiterPointer = UnsafeMutablePointer<Waiter>

extension UnsafeMutablePointer where Pointee == Waiter {
  private var parking: UnsafeMutablePointer<cparking_waiter> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: cparking_waiter.self)
  }

  /// The hub of the fiber that waits; `nil` for a thread.
  var hub: HubPointer? { pointee.parking.hub?.assumingMemoryBound(to: HubState.self) }

  /// To be called before anybody can wake it.
  @inline(__always)
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

  @inline(__always)
  func forget() {
    if pointee.parking.hub == nil { sem_destroy(&parking.pointee.semaphore) }
  }

  /// The waiter has been taken out of its list, with what it waited for done: it goes on. Any thread may call it, and
  /// must not touch the waiter afterwards.
  @inline(__always)
  func wake() {
    let target = pointee.selection.map { $0.pointee.main } ?? self
    ParkingLot.wakeOne(target.parking)
  }
}
