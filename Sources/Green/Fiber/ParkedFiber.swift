// What the module that runs Swift's tasks on a hub needs of it.

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

  /// Has a call of the fiber's that waits for a descriptor or a time fail once, as if the fiber had been cancelled: the next waits
  /// again. Does nothing to other waits, of which whoever waits may not expect to fail: for locks. Only on its hub's thread.
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
