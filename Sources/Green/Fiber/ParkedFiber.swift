// What the module that runs Swift's tasks on a hub needs of it.

internal import CFiber

/// A fiber that waits for a task, or for whatever else its waker knows about.
package struct ParkedFiber {
  fileprivate let fiber: FiberPointer
  fileprivate let hub: HubPointer

  /// The calling fiber; `nil` outside fibers.
  package static var current: ParkedFiber? {
    guard let (hub, fiber) = Hub.running else { return nil }
    return ParkedFiber(fiber: fiber, hub: hub)
  }

  /// The hub that the fiber belongs to.
  package var owner: Hub { hub.hub }

  /// Parks the fiber, which is the calling one, until ``wake()``, or until it is cancelled or a scope's deadline passes.
  /// What it waits for may come from outside the hub, so the hub is not taken for deadlocked meanwhile.
  ///
  /// - Throws: `CancellationError`, ``TimeoutError``.
  package func park() throws { try hub.parkOutside(fiber, until: .never, for: WaitReason(.task)).check() }

  /// What ``park()`` would throw at once.
  package func checkInterruption() throws {
    let interruptions = fiber.record.pointee.interruptions
    if interruptions.contains(.cancelled) { throw CancellationError() }
    let deadline = Deadline(nanoseconds: fiber.record.pointee.scopeDeadline)
    if !interruptions.isEmpty && deadline.hasPassed { throw TimeoutError(deadline: deadline) }
  }

  /// As ``park()``, but nothing ends the wait except ``wake()``.
  package func parkUninterrupted() {
    fiber.shield()
    defer { fiber.unshield() }
    _ = hub.parkOutside(fiber, until: .never, for: WaitReason(.task))
  }

  /// Lets the fiber go on, where it is parked. Only on its hub's thread.
  package func wake() { hub.ready(fiber) }

  /// What tells the fiber from all others that have not ended.
  package var address: UnsafeMutableRawPointer { UnsafeMutableRawPointer(fiber) }

  /// Whether the fiber of an ``address``, which has not ended, waits for something that a deadline ends: all but the C library's
  /// locks, conditions and semaphores. Another thread may ask too.
  ///
  /// Unsafe: there it reads two bytes that the hub's thread may be writing, and what they say may be over.
  package static func waitEndsByDeadline(at address: UnsafeRawPointer) -> Bool {
    let record = record(at: address)
    return record.pointee.state == .parked && record.pointee.waitKind != .native
  }

  /// Whether a wait of that fiber has ended since the deadline of the scope that it is in had passed; the rest as
  /// ``waitEndsByDeadline(at:)``.
  package static func hasMetDeadline(at address: UnsafeRawPointer) -> Bool {
    record(at: address).pointee.hasMetDeadline
  }

  private static func record(at address: UnsafeRawPointer) -> UnsafeMutablePointer<FiberRecord> {
    UnsafeMutableRawPointer(mutating: address).assumingMemoryBound(to: cfiber_fiber.self).record
  }

  /// Has a call of the fiber's that waits for a descriptor or a time fail once, as if the fiber had been cancelled: the
  /// next waits again. Does nothing to other waits, of which whoever waits may not expect to fail: for locks. Only on
  /// its hub's thread.
  ///
  /// - Returns: whether there was such a call.
  package func interrupt() -> Bool {
    guard fiber.record.pointee.state == .parked else { return false }
    switch fiber.record.pointee.waitKind {
    case .sleep, .readable, .writable, .descriptors: hub.ready(fiber, .cancelled)
    default: return false
    }
    return true
  }
}

extension Fiber where Success == Void {
  /// Starts a fiber of this hub that inherits nothing from who starts it. Only on the hub's thread.
  ///
  /// - Throws: ``HubError/stacks(_:)``.
  @discardableResult
  package static func spawnAlone(
    on hub: Hub, name: String, priority: FiberPriority = .normal, isolation: FiberIsolation = .shared,
    file: StaticString = #fileID, line: UInt = #line, _ body: @escaping () -> Void
  ) throws -> Fiber {
    let fiber = Fiber(body)
    try hub.state.start(
      fiber, name: name, priority: priority, isolation: isolation, site: SpawnSite(file, line), inherits: false)
    return fiber
  }
}
