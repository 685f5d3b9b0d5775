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
  /// Waits under an address until ``unpark(_:all:)`` or the deadline.
  ///
  /// - Parameter validate: asked when the caller is about to be queued, with the queue locked; when it says no, because
  ///   what was to be waited for has happened already, the call returns at once. It must not wait.
  /// - Returns: `.ready` when woken or not valid, else `.deadline`.
  package static func park(_ address: UnsafeRawPointer, until deadline: Deadline = .never, validate: () -> Bool)
    -> Wake
  {
    var waiter = cparking_waiter()
    waiter.address = address
    let home = Hub.running
    waiter.hub = home.map { Unmanaged.passUnretained($0.hub).toOpaque() }
    waiter.fiber = home.map { UnsafeMutableRawPointer($0.fiber) }
    // Unsafe: the queue holds a pointer into this frame, which stands still until the waiter has been taken out.
    return withUnsafeMutablePointer(to: &waiter) { waiter in
      if home == nil { sem_init(&waiter.pointee.semaphore, 0, 0) }
      defer { if home == nil { sem_destroy(&waiter.pointee.semaphore) } }
      guard enter(waiter, validate) else { return .ready }
      if wait(waiter, home, until: deadline) { return .ready }
      if cparking_leave(waiter) { return .deadline }
      // A waker has taken it out meanwhile: its wake is on the way, and counts.
      _ = wait(waiter, home, until: .never)
      return .ready
    }
  }

  /// Wakes the first who waits under the address, or all. Any thread may call it.
  ///
  /// - Returns: how many were woken.
  @discardableResult
  package static func unpark(_ address: UnsafeRawPointer, all: Bool) -> Int { wake(cparking_take(address, all)) }

  /// Wakes the first who waits under the address, and tells `decide` about it while the queue is locked: for locks,
  /// which must change their state together with the queue.
  static func unparkOne(_ address: UnsafeRawPointer, _ decide: (_ isWoken: Bool, _ hasMore: Bool) -> Void) {
    let woken = withoutActuallyEscaping(decide) { decide in
      withUnsafePointer(to: decide) { decide in
        cparking_take_one(
          address, { $0!.assumingMemoryBound(to: ((Bool, Bool) -> Void).self).pointee($1, $2) },
          UnsafeMutableRawPointer(mutating: decide))
      }
    }
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

  /// Waits for the wake; whether it came before the deadline.
  private static func wait(
    _ waiter: UnsafeMutablePointer<cparking_waiter>, _ home: (hub: Hub, fiber: FiberPointer)?, until deadline: Deadline
  ) -> Bool {
    guard let (hub, fiber) = home else { return waitOnSemaphore(&waiter.pointee.semaphore, until: deadline) }
    while !waiter.pointee.is_woken {
      if hub.park(fiber, until: deadline) == .deadline && !waiter.pointee.is_woken { return false }
    }
    return true
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
      if let hub = waiter.pointee.hub {
        let hub = Unmanaged<Hub>.fromOpaque(hub).takeUnretainedValue()
        if hub === Hub.current { deliver(waiter) } else { hub.remote.wake(waiter) }
      } else {
        sem_post(&waiter.pointee.semaphore)
      }
    }
    return count
  }

  /// On the hub's thread.
  static func deliver(_ waiter: UnsafeMutablePointer<cparking_waiter>) {
    waiter.pointee.is_woken = true
    let fiber = waiter.pointee.fiber.assumingMemoryBound(to: FiberPointer.Pointee.self)
    Unmanaged<Hub>.fromOpaque(waiter.pointee.hub).takeUnretainedValue().ready(fiber)
  }
}
