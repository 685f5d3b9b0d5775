internal import CFiber
internal import CLibEv
internal import Synchronization

/// The door through which other threads wake fibers of a hub: a list, and libev's `ev_async` to end its wait.
final class RemoteWakes: Sendable {
  /// Unsafe: `ev_async_send` may be called on any thread; the watcher and the loop are otherwise the hub thread's own.
  private nonisolated(unsafe) let loop: OpaquePointer
  private nonisolated(unsafe) let watcher: UnsafeMutablePointer<ev_async>
  private let pending = Synchronization.Mutex<(isOpen: Bool, actions: [@Sendable () -> Void])>((true, []))

  init(loop: OpaquePointer) {
    self.loop = loop
    watcher = .allocate(capacity: 1)
    watcher.initialize(to: ev_async())
  }

  func start(for hub: Hub) {
    cev_async_init(watcher) { _, watcher, _ in
      Unmanaged<RemoteWakes>.fromOpaque(watcher!.pointee.data).takeUnretainedValue().drain()
    }
    watcher.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    ev_async_start(loop, watcher)
  }

  /// Runs `action` on the hub's thread, outside any fiber, soon. Called on any thread; dropped when the hub has ended.
  func post(_ action: @escaping @Sendable () -> Void) {
    pending.withLock {
      guard $0.isOpen else { return }
      $0.actions.append(action)
      // Sent under the lock, so that the loop cannot be destroyed in between.
      ev_async_send(loop, watcher)
    }
  }

  private func drain() {
    let actions = pending.withLock { pending in
      defer { pending.actions = [] }
      return pending.actions
    }
    for action in actions { action() }
  }

  func stop() {
    pending.withLock { $0 = (false, []) }
    ev_async_stop(loop, watcher)
    watcher.deallocate()
  }
}
