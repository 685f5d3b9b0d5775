internal import CFiber
internal import Glibc

// Waiting for what C code knows by its address, and what belongs to a fiber as C code sees it.
extension NativeWaits {
  /// Waits for a lock, condition or semaphore of the C library until ``ParkingLot/unpark(_:all:)`` or the deadline.
  ///
  /// - Parameters:
  ///   - isOutside: whether something outside the hub is sure to end the wait. Then the fiber's cancellation and its own
  ///     deadlines end it too.
  ///   - queued: called when a wake cannot be missed any more, before the fiber parks.
  package static func wait(
    for object: NativeObject, until deadline: Deadline, isOutside: Bool, validate: () -> Bool,
    queued: (() -> Void)?
  ) -> CInt {
    guard let (hub, fiber) = Hub.running else { return EINVAL }
    if fiber.record.pointee.state != .running {
      // A lock of the Swift runtime, asked for in the middle of parking: the thread waits for it.
      sched_yield()
      return 0
    }
    let deadline = hub.deadline(real: deadline)
    var object = object
    // Unsafe: the fiber's record points to the object while it is parked in this frame.
    return withUnsafePointer(to: &object) { object in
      let reason = WaitReason(.native, at: object)
      let isLock = object.pointee.isLock
      if isLock { hub.beginLockWait(fiber, object) }
      defer { if isLock { hub.endLockWait(fiber) } }
      func wait() -> Wake {
        ParkingLot.parkInterruptibly(
          object.pointee.address, until: deadline, for: reason, validate: validate, queued: queued)
      }
      guard isOutside else { return Hub.shielded(wait).errno }
      hub.pointee.externalWaits += 1
      defer { hub.pointee.externalWaits -= 1 }
      return wait().errno
    }
  }
}

// MARK: - Calls made on other threads

extension NativeWaits {
  /// For calls that may last for ever. Those of ``OffloadPool/default`` must not wait for them.
  private static let pool = OffloadPool(maximum: 10_000)

  /// As ``offload(_:)``, on threads of which there may be many.
  package static func offloadLong(_ body: () -> Void) -> CInt {
    withoutActuallyEscaping(body) { body in
      // Unsafe: the body runs while the caller's frame stands still.
      nonisolated(unsafe) let body = body
      return errno { try Hub.shielded { try pool.run { body() } } }
    }
  }

  /// The same, except that the fiber's cancellation and its deadlines end the wait. The body is called all the same;
  /// `drop` is called when the wait has failed and the body has ended or will not begin.
  package static func offloadDroppable(_ body: @escaping @Sendable () -> Void, drop: @escaping @Sendable () -> Void)
    -> CInt
  {
    let dropped = Dropped(drop)
    let error = errno {
      try pool.runToEnd {
        body()
        _ = dropped
      }
    }
    if error == 0 { dropped.isKept = true }
    return error
  }

  /// Unsafe: the flag is set by the fiber, before it lets go of the object.
  private final class Dropped: @unchecked Sendable {
    let drop: @Sendable () -> Void
    var isKept = false

    init(_ drop: @escaping @Sendable () -> Void) { self.drop = drop }

    deinit { if !isKept { drop() } }
  }

  private static func errno(_ body: () throws -> Void) -> CInt {
    do {
      try body()
      return 0
    } catch {
      return code(of: error)
    }
  }
}

// MARK: - Descriptors that C code watches

extension NativeWaits {
  /// Calls `body` in the calling fiber's hub, outside any fiber, when the descriptor is readable; `ended` instead
  /// when the hub ends before.
  ///
  /// - Returns: for ``unwatch(_:)``; `nil` outside fibers.
  package static func watch(_ descriptor: CInt, _ body: @escaping () -> Void, ended: @escaping () -> Void)
    -> UnsafeMutableRawPointer?
  {
    guard let (hub, _) = Hub.running else { return nil }
    let watcher = hub.hub.loopWatchers.add(descriptor, onReadable: { _ in body() }, onEnd: ended)
    return Unmanaged.passUnretained(watcher).toOpaque()
  }

  package static func unwatch(_ watcher: UnsafeMutableRawPointer) {
    guard let (hub, _) = Hub.running else { return }
    // Unsafe: the hub holds the watcher until it is removed.
    hub.hub.loopWatchers.remove(Unmanaged<LoopWatcher>.fromOpaque(watcher).takeUnretainedValue())
  }
}
