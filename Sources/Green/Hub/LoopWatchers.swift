internal import CLibEv
internal import Glibc

/// What the loop watches without a fiber: for each descriptor a callback, which runs in the hub, outside any fiber.
///
/// They do not keep the hub running. When it ends, and in a forked child, they are told so and dropped.
final class LoopWatchers {
  private var watchers: [ObjectIdentifier: LoopWatcher] = [:]
  private var count: UInt64 = 0
  private let loop: OpaquePointer

  init(loop: OpaquePointer) { self.loop = loop }

  var isEmpty: Bool { watchers.isEmpty }

  /// Calls `onReadable` whenever the descriptor is readable, until the watcher is removed. Where the hub ends, or the
  /// kernel refuses the descriptor: `onEnd`.
  @discardableResult
  func add(_ descriptor: CInt, onReadable: @escaping (LoopWatcher) -> Void, onEnd: @escaping () -> Void) -> LoopWatcher
  {
    count += 1
    let watcher = LoopWatcher(count, onReadable, onEnd)
    watcher.start(descriptor, loop)
    watchers[ObjectIdentifier(watcher)] = watcher
    return watcher
  }

  func remove(_ watcher: LoopWatcher) {
    watcher.stop(loop)
    watchers[ObjectIdentifier(watcher)] = nil
  }

  func endAll() {
    // In their order, not in that of their addresses.
    let ended = watchers.values.sorted { $0.number < $1.number }
    watchers = [:]
    for watcher in ended {
      watcher.stop(loop)
      watcher.onEnd()
    }
  }
}

final class LoopWatcher {
  /// Unsafe: libev keeps this address while the watcher is active, and the callback the object's; the hub holds the
  /// object as long.
  private let watcher = UnsafeMutablePointer<ev_io>.allocate(capacity: 1)
  private let onReadable: (LoopWatcher) -> Void
  let onEnd: () -> Void
  fileprivate let number: UInt64

  fileprivate init(_ number: UInt64, _ onReadable: @escaping (LoopWatcher) -> Void, _ onEnd: @escaping () -> Void) {
    self.number = number
    self.onReadable = onReadable
    self.onEnd = onEnd
    watcher.initialize(to: ev_io())
  }

  deinit { watcher.deallocate() }

  fileprivate func start(_ descriptor: CInt, _ loop: OpaquePointer) {
    cev_io_init(
      watcher,
      { _, watcher, events in
        let object = Unmanaged<LoopWatcher>.fromOpaque(watcher!.pointee.data).takeUnretainedValue()
        guard events & CInt(truncatingIfNeeded: EV_ERROR) != 0 else { return object.onReadable(object) }
        // The kernel refuses the descriptor: it was closed, or is the loop's own.
        Hub.current?.loopWatchers.remove(object)
        object.onEnd()
      }, descriptor, CInt(EV_READ))
    watcher.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    ev_io_start(loop, watcher)
  }

  fileprivate func stop(_ loop: OpaquePointer) { ev_io_stop(loop, watcher) }
}
