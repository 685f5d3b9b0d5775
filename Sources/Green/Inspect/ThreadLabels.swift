internal import CFiber
internal import CInspect

/// Gives the thread the name of the fiber that it runs. See ``Hub/labelsThread``.
final class ThreadLabels: HubExtension {
  private var ownName = [CChar](repeating: 0, count: Int(CINSPECT_THREAD_NAME_BYTES))

  init() { cinspect_thread_name(&ownName) }

  var moments: HubMoments { .switches }

  func fiberSwitches(from: FiberHandle, to: FiberHandle) {
    guard from.pointer != to.pointer else { return }
    let fiber = to.pointer
    if fiber.pointee.slab != nil, fiber.pointee.name.0 != 0 {
      cinspect_set_thread_name(cfiber_name(fiber))
    } else {
      giveBack()
    }
  }

  func giveBack() { cinspect_set_thread_name(ownName) }

  func hubEnds(_ hub: Hub) { giveBack() }
}

extension Hub {
  /// Whether the hub's thread has the name of the fiber that it runs, the first 15 bytes of it, for tools that tell threads by
  /// their names: `perf record` notes each change, and `perf report --sort comm` tells the fibers apart. A system call more for
  /// each switch. `GREEN_THREAD_LABELS` in the environment does so without code. On the hub's thread.
  public var labelsThread: Bool {
    get { attached(ThreadLabels.self) != nil }
    set {
      let present = attached(ThreadLabels.self)
      if present == nil && newValue { attach(ThreadLabels()) }
      if let present, !newValue {
        detach(present)
        present.giveBack()
      }
    }
  }
}
