internal import CFiber
internal import CLibEv
internal import Glibc

/// A forked child has an empty hub: the fiber that called `fork` goes on in it, no other fiber and no watcher of the
/// parent does.
enum ForkHandler {
  private static let registered: Void = {
    pthread_atfork(nil, nil, { Hub.current?.startAfresh() })
  }()

  static func install() { _ = registered }
}

extension Hub {
  /// Forgets every other fiber. Their stacks stay as they were, never unwound: what they hold belongs to the parent.
  fileprivate func startAfresh() {
    let survivor = green_current()
    state.pointee.batch.removeAll()
    state.pointee.queue.removeAll()
    state.pointee.background.removeAll()
    var next = state.pointee.firstAlive
    state.pointee.firstAlive = nil
    state.pointee.alive = 0
    while let fiber = next {
      let record = fiber.record
      next = record.pointee.nextAlive
      if fiber == survivor {
        record.pointee.nextAlive = nil
        record.pointee.previousAlive = nil
        state.pointee.firstAlive = fiber
        state.pointee.alive = 1
      } else {
        state.disarm(fiber)
        record.pointee.state = .finished
      }
    }
    state.pointee.externalWaits = 0
    descriptors.forgetAll()
    DescriptorOwners.keepOnly(self)
    forgetNames()
    alarm.close()
    ev_loop_fork(state.pointee.loop)
  }
}
