import Glibc
import Green
import SystemPackage

extension LoopEvents {
  /// Whether the loop's own descriptor is looked at, and what came of it.
  private struct Watch {
    var fiber: ParkedFiber?
    var isArmed = false
    var isReadable = false
  }

  private nonisolated(unsafe) static var watch = Watch()

  /// Waits until there are events, the descriptor is readable, or so much time has passed. Parks the calling fiber, which is
  /// the loop's, or at least gives the others their turn. Returns whether the descriptor is readable.
  static func wait(for descriptor: CInt, nanoseconds: Int64) throws -> Bool {
    guard nanoseconds != 0, isEmpty, let loop = ParkedFiber.current else {
      Fiber.yield()
      return isReadable(descriptor)
    }
    if isReadable(descriptor) { return true }
    arm(descriptor)
    waiter = loop
    defer { waiter = nil }
    do {
      try withDeadline(nanoseconds < 0 ? .never : .after(.nanoseconds(nanoseconds))) {
        while isEmpty && !watch.isReadable { try loop.park() }
      }
    } catch is TimeoutError {}
    defer { watch.isReadable = false }
    return watch.isReadable
  }

  private static func isReadable(_ descriptor: CInt) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 0) > 0
  }

  /// Has a fiber of its own wait for the descriptor, which goes on from one wait of the loop to the next.
  private static func arm(_ descriptor: CInt) {
    if watch.isArmed { return }
    watch.isArmed = true
    if let fiber = watch.fiber { return fiber.wake() }
    guard let hub = Hub.current else { return }
    _ = try? Fiber<Void>.spawnAlone(on: hub, name: "event loop's descriptors") {
      guard let own = ParkedFiber.current else { return }
      watch.fiber = own
      while true {
        try? Readiness.wait(for: descriptor, .read)
        watch.isArmed = false
        watch.isReadable = true
        waiter?.wake()
        while !watch.isArmed { own.parkUninterrupted() }
      }
    }
  }
}
