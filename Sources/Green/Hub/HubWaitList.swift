internal import CFiber

/// Fibers of one hub that wait for something other than a descriptor: first come, first served.
class HubWaitList {
  /// One wait. It lies on the waiting fiber's stack, which stands still while the fiber is parked.
  struct Node: Linked {
    let fiber: FiberPointer
    var next: UnsafeMutablePointer<Node>?
    var previous: UnsafeMutablePointer<Node>?
    /// Set when somebody woke it, and it is in the list no more.
    var isWoken = false
  }

  private final var nodes = LinkedList<Node>()

  final var isEmpty: Bool { nodes.isEmpty }

  /// Parks the calling fiber until it is woken. Who has been woken returns, even where the deadline passed meanwhile: the
  /// wake is never lost.
  ///
  /// - Throws: `Errno.timedOut` at the deadline; ``HubError/outside`` on a plain thread.
  final func wait(until deadline: Deadline = .never, for reason: WaitReason = WaitReason(.other)) throws {
    guard let (hub, fiber) = Hub.running else { throw HubError.outside }
    var node = Node(fiber: fiber)
    // Unsafe: the list holds a pointer into this frame, which stands still until the fiber goes on here.
    try withUnsafeMutablePointer(to: &node) { node in
      nodes.append(node)
      while true {
        let wake = hub.park(fiber, until: deadline, for: reason)
        if node.pointee.isWoken { return }
        if wake != .ready {
          nodes.remove(node)
          try wake.check()
        }
      }
    }
  }

  /// Wakes the one that has waited longest.
  ///
  /// - Returns: its fiber, `nil` when nobody waits.
  @discardableResult
  final func wakeFirst() -> FiberPointer? {
    guard let node = nodes.popFirst() else { return nil }
    node.pointee.isWoken = true
    let fiber = node.pointee.fiber
    fiber.record.pointee.hub.ready(fiber)
    return fiber
  }

  /// Wakes all, in the order in which they came.
  final func wakeAll() {
    while wakeFirst() != nil {}
  }

  /// In a forked child, whose hub has none of the fibers that waited.
  final func forgetAll() { nodes = LinkedList() }
}
