internal import CFiber
internal import CFork
internal import CLibEv
internal import Synchronization
internal import SystemPackage

/// A forked child has an empty hub: the fiber that called `fork` goes on in it, no other fiber and no watcher of the
/// parent does.
package enum ForkHandler {
  private static let registered: CInt = {
    cfork_set(
      CFORK_HUB,
      cfork_handlers(
        before: nil, in_parent: nil,
        in_child: {
          ForkHandler.forks.wrappingAdd(1, ordering: .relaxed)
          DescriptorOwners.forgetAll()
          Hub.current?.startAfresh()
        },
        // All that may be done between such a fork and `exec`: `generation` changes.
        in_unseen_child: { ForkHandler.forks.wrappingAdd(1, ordering: .relaxed) }))
    return cfork_error()
  }()
  private static let forks = Atomic<Int>(0)

  /// - Throws: `Errno.noMemory`: a child would then wake the fibers of its parent.
  static func install() throws(Errno) {
    if registered != 0 { throw Errno(rawValue: registered) }
  }

  /// Another number in each process of a line of forks: what belongs to one process (a child, a thread, a descriptor
  /// that is shared with the parent) is kept with it, and not used where it has changed. Costs one load.
  package static var generation: Int {
    _ = registered
    return forks.load(ordering: .relaxed)
  }
}

extension Hub {
  /// Forgets every other fiber. Their stacks stay as they were, never unwound: what they hold belongs to the parent.
  fileprivate func startAfresh() {
    let survivor = cfiber_current()
    state.pointee.batch.removeAll()
    state.pointee.queue.removeAll()
    state.pointee.background.removeAll()
    state.pointee.choice?.removeAll()
    timerSlots.forgetAll()
    forgetPromised()
    let all = state.pointee.fibers
    state.pointee.fibers = FiberChain()
    state.pointee.alive = 0
    all.forEach { fiber in
      if fiber == survivor {
        // What it was about to do for others is its parent's.
        fiber.forgetBeforeWait()
        state.pointee.fibers.insert(fiber)
        state.pointee.alive = 1
      } else {
        state.disarm(fiber)
        fiber.record.pointee.state = .finished
      }
    }
    state.pointee.externalWaits = 0
    state.pointee.hasForked = true
    remoteWakes.startAfresh()
    state.pointee.lockWaiters.removeAll()
    descriptors.forgetAll()
    DescriptorOwners.add(self)
    loopWatchers.endAll()
    for one in extensions { one.hubForked(self) }
    alarm.close()
    alarm.open()
    ev_loop_fork(state.pointee.loop)
  }
}
