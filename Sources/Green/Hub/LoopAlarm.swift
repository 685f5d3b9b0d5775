internal import CGlibc
internal import CLibEv
internal import Glibc

/// Ends the loop's wait when the hub's earliest timer is due: one libev timer, or for short waits, which libev would round
/// up to whole milliseconds, a timerfd(2) on the loop.
final class LoopAlarm {
  /// Unsafe: libev keeps these addresses while the watchers are active.
  private let timer: UnsafeMutablePointer<ev_timer>
  private let precise: UnsafeMutablePointer<ev_io>
  private var descriptor: CInt = -1
  private let loop: OpaquePointer
  /// Waits up to this many nanoseconds are timed by the descriptor.
  private static let shortWait: Int64 = 2_000_000

  init(loop: OpaquePointer) {
    self.loop = loop
    timer = .allocate(capacity: 1)
    timer.initialize(to: ev_timer())
    cev_timer_init(timer, { _, _, _ in }, 0)
    precise = .allocate(capacity: 1)
    precise.initialize(to: ev_io())
  }

  deinit {
    timer.deallocate()
    precise.deallocate()
  }

  func set(_ nanoseconds: Int64) {
    if nanoseconds < Self.shortWait && setPrecisely(nanoseconds) { return }
    // The loop's idea of now is from its last turn; a timer set by it would fire early.
    ev_now_update(loop)
    cev_timer_set(timer, Double(nanoseconds) * 1e-9)
    ev_timer_start(loop, timer)
  }

  /// To be called after the loop's turn.
  func stop() { ev_timer_stop(loop, timer) }

  private func setPrecisely(_ nanoseconds: Int64) -> Bool {
    descriptor >= 0 && cglibc_timerfd_set(descriptor, nanoseconds) == 0
  }

  /// At the hub's start and in a forked child, so that the number of open descriptors does not depend on who sleeps how
  /// long. Where it cannot be had, short waits are rounded up.
  func open() {
    descriptor = cglibc_timerfd()
    guard descriptor >= 0 else { return }
    cev_io_init(
      precise,
      { _, watcher, events in
        if events & CInt(truncatingIfNeeded: EV_ERROR) != 0 {
          return Unmanaged<LoopAlarm>.fromOpaque(watcher!.pointee.data).takeUnretainedValue().refused()
        }
        // Its count has to be taken for it to be silent again.
        var count: UInt64 = 0
        read(watcher!.pointee.fd, &count, MemoryLayout<UInt64>.size)
      }, descriptor, CInt(EV_READ))
    precise.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    ev_io_start(loop, precise)
    // The loop's count of watchers is of those that may wake it by themselves.
    ev_unref(loop)
  }

  /// The kernel does not watch the descriptor, and libev has stopped its watcher.
  private func refused() {
    guard descriptor >= 0 else { return }
    ev_ref(loop)
    Glibc.close(descriptor)
    descriptor = -1
  }

  func close() {
    stop()
    guard descriptor >= 0 else { return }
    ev_ref(loop)
    ev_io_stop(loop, precise)
    Glibc.close(descriptor)
    descriptor = -1
  }
}
