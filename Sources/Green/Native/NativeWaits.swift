package import CGlibc
internal import CLibEv
internal import Glibc
internal import SystemPackage

/// The waits of the calling fiber as C asks for them: 0 or an `errno`. For the redirect. Deadlines are of the system's
/// clock, whatever the hub's time.
package enum NativeWaits {
  package static func sleep(until deadline: Deadline) -> CInt {
    guard let (hub, fiber) = Hub.running else { return EINVAL }
    // In the middle of parking, as below, the thread does not sleep.
    guard fiber.record.pointee.state == .running else { return 0 }
    let deadline = hub.deadline(real: deadline)
    // A sleep of no time at all still lets others run, as sched_yield would.
    if deadline.hasPassed { hub.yield(fiber) }
    while !deadline.hasPassed {
      let wake = hub.park(fiber, until: deadline, for: WaitReason(.sleep))
      if wake.isInterruption { return wake.errno }
    }
    return 0
  }

  /// Called where the calling fiber's calls have moved much without a wait.
  package static func spentSlice() {
    if let (hub, fiber) = Hub.running { hub.spentTransferSlice(fiber) }
  }

  /// Lets the others that are ready run first.
  package static func giveWay() {
    if let (hub, fiber) = Hub.running, fiber.record.pointee.state == .running { hub.yield(fiber) }
  }

  package static func wait(for descriptor: CInt, events: CShort, until deadline: Deadline) -> CInt {
    guard let (hub, fiber) = Hub.running else { return EINVAL }
    let event = events & CShort(POLLOUT) != 0 ? CInt(EV_WRITE) : CInt(EV_READ)
    return hub.wait(fiber, for: descriptor, event, until: hub.deadline(real: deadline)).errno
  }

  package static func wait(for descriptors: UnsafePointer<pollfd>?, count: Int, until deadline: Deadline) -> CInt {
    guard let hub = Hub.running?.hub else { return EINVAL }
    let descriptors = UnsafeBufferPointer(start: descriptors, count: count)
    return hub.wait(for: descriptors, until: hub.deadline(real: deadline)).errno
  }

  /// Waits as a lock does, see ``ParkingLot/park(_:until:for:validate:)``.
  package static func park(_ address: UnsafeRawPointer, until deadline: Deadline, validate: () -> Bool) -> CInt {
    Hub.shielded { parkInterruptibly(address, until: deadline, validate: validate) }
  }

  package static func parkInterruptibly(_ address: UnsafeRawPointer, until deadline: Deadline, validate: () -> Bool)
    -> CInt
  {
    if let (_, fiber) = Hub.running, fiber.record.pointee.state != .running {
      // A lock of the Swift runtime, asked for in the middle of parking: the thread waits for it.
      sched_yield()
      return 0
    }
    let deadline = Hub.running?.hub.deadline(real: deadline) ?? deadline
    return ParkingLot.parkInterruptibly(address, until: deadline, validate: validate).errno
  }

  /// Calls `body` on a thread of the offload pool and waits for its end, which nothing shortens.
  package static func offload(_ body: () -> Void) -> CInt {
    withoutActuallyEscaping(body) { body in
      // Unsafe: the body runs while the caller's frame stands still.
      nonisolated(unsafe) let body = body
      do {
        try Hub.shielded { try OffloadPool.default.run { body() } }
        return 0
      } catch {
        return (error as? Errno)?.rawValue ?? EAGAIN
      }
    }
  }
}

extension Wake {
  /// What a C call is told; 0 when it is to try again.
  var errno: CInt {
    switch self {
    case .ready: 0
    case .deadline: EAGAIN
    case .expired: ETIMEDOUT
    case .called: EBADF
    case .cancelled: ECANCELED
    }
  }
}
