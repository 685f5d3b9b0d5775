internal import CLibEv

/// A channel's sockets and timer on a hub's libev loop.
final class HubDNSLoop: DNSLoop {
  var process: ((_ readable: CInt, _ writable: CInt) -> Void)?
  private let loop: OpaquePointer
  private var watchers: [CInt: UnsafeMutablePointer<ev_io>] = [:]
  private let timer: UnsafeMutablePointer<ev_timer>

  init(loop: OpaquePointer) {
    self.loop = loop
    timer = .allocate(capacity: 1)
    timer.initialize(to: ev_timer())
    cev_timer_init(timer, { _, timer, _ in HubDNSLoop.from(timer!.pointee.data).process?(-1, -1) }, 0)
    // Unsafe: libev keeps the pointer only while a watcher is active, and `stop` ends that before this object goes.
    timer.pointee.data = Unmanaged.passUnretained(self).toOpaque()
  }

  deinit {
    stop()
    timer.deallocate()
  }

  private static func from(_ data: UnsafeMutableRawPointer?) -> HubDNSLoop {
    Unmanaged<HubDNSLoop>.fromOpaque(data!).takeUnretainedValue()
  }

  func watch(_ descriptor: CInt, readable: Bool, writable: Bool) {
    let known = watchers[descriptor]
    if let known { ev_io_stop(loop, known) }
    guard readable || writable else {
      watchers[descriptor] = nil
      known?.deallocate()
      return
    }
    let watcher = known ?? .allocate(capacity: 1)
    if known == nil { watcher.initialize(to: ev_io()) }
    watchers[descriptor] = watcher
    cev_io_init(
      watcher,
      { _, watcher, events in
        let descriptor = watcher!.pointee.fd
        // Both retained: what is processed may end the watcher and the channel.
        let loop = HubDNSLoop.from(watcher!.pointee.data)
        loop.process?(
          events & CInt(EV_READ) != 0 ? descriptor : -1, events & CInt(EV_WRITE) != 0 ? descriptor : -1)
      }, descriptor, (readable ? CInt(EV_READ) : 0) | (writable ? CInt(EV_WRITE) : 0))
    watcher.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    ev_io_start(loop, watcher)
  }

  func setTimer(_ deadline: Deadline) {
    ev_timer_stop(loop, timer)
    guard deadline != .never else { return }
    // The loop's idea of now is from its last turn; a timer set by it would fire early.
    ev_now_update(loop)
    cev_timer_set(timer, max(0, Double(deadline.nanoseconds &- Deadline.now.nanoseconds) * 1e-9))
    ev_timer_start(loop, timer)
  }

  func stop() {
    setTimer(.never)
    for watcher in watchers.values {
      ev_io_stop(loop, watcher)
      watcher.deallocate()
    }
    watchers = [:]
  }
}
