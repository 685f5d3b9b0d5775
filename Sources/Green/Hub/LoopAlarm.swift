internal import CLibEv

/// The one libev timer of a hub: it ends the loop's wait when the hub's earliest timer is due.
final class LoopAlarm {
  /// Unsafe: libev keeps this address while the timer is active.
  private let timer: UnsafeMutablePointer<ev_timer>
  private let loop: OpaquePointer

  init(loop: OpaquePointer) {
    self.loop = loop
    timer = .allocate(capacity: 1)
    timer.initialize(to: ev_timer())
    cev_timer_init(timer, { _, _, _ in }, 0)
  }

  deinit { timer.deallocate() }

  func set(_ nanoseconds: Int64) {
    // The loop's idea of now is from its last turn; a timer set by it would fire early.
    ev_now_update(loop)
    cev_timer_set(timer, Double(nanoseconds) * 1e-9)
    ev_timer_start(loop, timer)
  }

  func stop() { ev_timer_stop(loop, timer) }
}
