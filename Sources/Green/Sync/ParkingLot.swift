internal import CFiber
internal import CGlibc
internal import CParking
internal import Glibc

/// Where fibers and threads wait for something that is known only by its address: a lock, a once-token.
///
/// A lock then needs no queue of its own, and locks that other libraries own can be waited for as well. (The idea is
/// WebKit's `WTF::ParkingLot`.) Fibers park, plain threads block, and both are woken in the order in which they came,
/// from any thread.
///
/// Nothing here may allocate or take a lock of the Swift runtime while a queue is locked: those locks come here too.
package enum ParkingLot {
  /// Waits under an address until ``unpark(_:all:)`` or the deadline. Cancellation does not end it: a lock's owner must
  /// get its turn.
  ///
  /// - Parameter validate: asked when the caller is about to be queued, with the queue locked; when it says no, because
  ///   what was to be waited for has happened already, the call returns at once. It must not wait.
  /// - Returns: `.ready` when woken or not valid, else `.deadline`.
  package static func park(
    _ address: UnsafeRawPointer, until deadline: Deadline = .never, for reason: WaitReason? = nil,
    validate: () -> Bool
  ) -> Wake {
    Hub.shielded { parkInterruptibly(address, until: deadline, for: reason, validate: validate) }
  }

  /// As ``park(_:until:for:validate:)``, but a fiber's cancellation and deadline end it too.
  ///
  /// - Parameter queued: called after `validate`, when a wake cannot be missed any more and nothing is locked: for what
  ///   is to be let go of together with the wait.
  package static func parkInterruptibly(
    _ address: UnsafeRawPointer, until deadline: Deadline = .never, for reason: WaitReason? = nil,
    validate: () -> Bool, queued: (() -> Void)? = nil
  ) -> Wake {
    let reason = reason ?? WaitReason(.lock, at: address)
    var waiter = cparking_waiter()
    waiter.address = address
    if let (hub, fiber) = Hub.running {
      waiter.hub = UnsafeMutableRawPointer(hub)
      waiter.fiber = UnsafeMutableRawPointer(fiber)
    }
    // Unsafe: the queue holds a pointer into this frame, which stands still until the waiter has been taken out.
    return withUnsafeMutablePointer(to: &waiter) { waiter in
      let isThread = waiter.pointee.hub == nil
      if isThread { sem_init(&waiter.pointee.semaphore, 0, 0) }
      defer { if isThread { sem_destroy(&waiter.pointee.semaphore) } }
      guard enter(waiter, validate) else { return .ready }
      queued?()
      let wake = sleep(waiter, until: deadline, for: reason)
      if wake == .ready || cparking_leave(waiter) { return wake }
      // A waker has taken it out meanwhile: its wake is on the way, and counts.
      sleepOn(waiter, for: reason)
      return .ready
    }
  }

  /// Wakes the first who waits under the address, or all. Any thread may call it.
  ///
  /// - Returns: how many were woken.
  @discardableResult
  package static func unpark(_ address: UnsafeRawPointer, all: Bool) -> Int { wake(cparking_take(address, all)) }

  /// Whether a fiber of the hub waits under the address.
  static func isAwaited(_ address: UnsafeRawPointer, in hub: HubPointer) -> Bool { cparking_has_of(address, hub) }

  /// Wakes the first who waits under the address, and tells `decide` about it while the queue is locked: for locks,
  /// which must change their state together with the queue. Before it is woken `handOver` is given the number of its fiber,
  /// where it is one.
  static func unparkOne(
    _ address: UnsafeRawPointer, _ decide: (_ isWoken: Bool, _ hasMore: Bool) -> Void,
    handOver: (_ fiber: UInt64) -> Void
  ) {
    let woken = withoutActuallyEscaping(decide) { decide in
      withUnsafePointer(to: decide) { decide in
        cparking_take_one(
          address, { $0!.assumingMemoryBound(to: ((Bool, Bool) -> Void).self).pointee($1, $2) },
          UnsafeMutableRawPointer(mutating: decide))
      }
    }
    if let woken, let (_, fiber) = home(woken) { handOver(fiber.pointee.id) }
    wake(woken)
  }

  private static func enter(_ waiter: UnsafeMutablePointer<cparking_waiter>, _ validate: () -> Bool) -> Bool {
    withoutActuallyEscaping(validate) { validate in
      withUnsafePointer(to: validate) { validate in
        cparking_enter(
          waiter, { $0!.assumingMemoryBound(to: (() -> Bool).self).pointee() },
          UnsafeMutableRawPointer(mutating: validate))
      }
    }
  }

  /// Waits for ``wakeOne(_:)``: `.ready` when it came, else what ended the wait before.
  static func sleep(
    _ waiter: UnsafeMutablePointer<cparking_waiter>, until deadline: Deadline, for reason: WaitReason
  ) -> Wake {
    guard let (hub, fiber) = home(waiter) else {
      if deadline == .never {
        if sem_trywait(&waiter.pointee.semaphore) == 0 { return .ready }
        LoopCallback.willBlock(for: reason)
      }
      return waitOnSemaphore(&waiter.pointee.semaphore, until: deadline) ? .ready : .deadline
    }
    while !waiter.pointee.is_woken {
      let wake = hub.park(fiber, until: deadline, for: reason)
      if wake != .ready && !waiter.pointee.is_woken { return wake }
    }
    return .ready
  }

  /// As ``sleep(_:until:for:)`` when the wake is certain to come: nothing else ends it.
  static func sleepOn(_ waiter: UnsafeMutablePointer<cparking_waiter>, for reason: WaitReason) {
    Hub.shielded { while sleep(waiter, until: .never, for: reason) != .ready {} }
  }

  private static func home(_ waiter: UnsafeMutablePointer<cparking_waiter>) -> (HubPointer, FiberPointer)? {
    guard let hub = waiter.pointee.hub else { return nil }
    return (
      hub.assumingMemoryBound(to: HubState.self),
      waiter.pointee.fiber.assumingMemoryBound(to: FiberPointer.Pointee.self)
    )
  }

  private static func waitOnSemaphore(_ semaphore: UnsafeMutablePointer<sem_t>, until deadline: Deadline) -> Bool {
    while true {
      let result: CInt
      if deadline == .never {
        result = sem_wait(semaphore)
      } else {
        var time = deadline.asTimespec
        result = cglibc_sem_wait_until(semaphore, &time)
      }
      if result == 0 { return true }
      if errno != EINTR { return false }
    }
  }

  @discardableResult
  private static func wake(_ list: UnsafeMutablePointer<cparking_waiter>?) -> Int {
    var next = list
    var count = 0
    while let waiter = next {
      // Read first: a waiter that has been woken is gone.
      next = waiter.pointee.next
      count += 1
      wakeOne(waiter)
    }
    return count
  }

  /// Wakes one who has been taken out of wherever it waited. Any thread may call it.
  @inline(__always)
  static func wakeOne(_ waiter: UnsafeMutablePointer<cparking_waiter>) {
    guard let (hub, fiber) = home(waiter) else {
      sem_post(&waiter.pointee.semaphore)
      return
    }
    if hub == cfiber_current()?.record.pointee.hub {
      waiter.pointee.is_woken = true
      hub.ready(fiber)
    } else {
      hub.hub.remoteWakes.wake(waiter)
    }
  }

  /// On the hub's thread.
  static func deliver(_ waiter: UnsafeMutablePointer<cparking_waiter>) {
    guard let (hub, fiber) = home(waiter) else { return }
    waiter.pointee.is_woken = true
    hub.ready(fiber)
  }
}
