internal import CAres
internal import CFiber
internal import CGlibc
internal import CLibEv
internal import Glibc
internal import SystemPackage

/// One c-ares channel on one hub's loop: a watcher for each of c-ares' sockets and one timer, set anew after every call
/// to what c-ares says it wants.
final class ResolverChannel {
  private var channel: ares_channel?
  private let loop: OpaquePointer
  private var watchers: [CInt: UnsafeMutablePointer<ev_io>] = [:]
  private let timer: UnsafeMutablePointer<ev_timer>

  init(loop: OpaquePointer) throws {
    self.loop = loop
    timer = .allocate(capacity: 1)
    timer.initialize(to: ev_timer())
    cev_timer_init(
      timer, { _, timer, _ in ResolverChannel.from(timer!.pointee.data).process(ARES_SOCKET_BAD, ARES_SOCKET_BAD) }, 0)
    timer.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    var options = ares_options()
    options.sock_state_cb = { data, descriptor, readable, writable in
      ResolverChannel.from(data).watch(descriptor, readable != 0, writable != 0)
    }
    options.sock_state_cb_data = Unmanaged.passUnretained(self).toOpaque()
    let status = ares_init_options(&channel, &options, ARES_OPT_SOCK_STATE_CB)
    guard status == ARES_SUCCESS else {
      throw ResolverError.failed("", String(cString: ares_strerror(status)))
    }
  }

  deinit {
    close()
    timer.deallocate()
  }

  /// Ends the questions under way, and closes the channel's sockets.
  func close() {
    if let open = channel {
      channel = nil
      ares_destroy(open)
    }
    ev_timer_stop(loop, timer)
  }

  private static func from(_ data: UnsafeMutableRawPointer?) -> ResolverChannel {
    Unmanaged<ResolverChannel>.fromOpaque(data!).takeUnretainedValue()
  }

  func addresses(of host: String, port: UInt16, for fiber: FiberPointer, on hub: HubPointer, until deadline: Deadline)
    throws
    -> [SocketAddress]
  {
    var hints = ares_addrinfo_hints()
    hints.ai_socktype = cglibc_sock_stream()
    let question = Question(fiber)
    // c-ares may answer before the call returns, from the hosts file; the question is its own until then.
    withoutRedirect(fiber) {
      ares_getaddrinfo(
        channel, host, nil, &hints,
        { argument, status, _, result in
          Unmanaged<Question>.fromOpaque(argument!).takeRetainedValue().answered(status, result)
        }, Unmanaged.passRetained(question).toOpaque())
      setTimer()
    }
    while question.answer == nil {
      let wake = hub.parkOutside(fiber, until: deadline, for: WaitReason(.name, on: question))
      if wake != .ready && question.answer == nil {
        question.fiber = nil
        if wake == .deadline { throw ResolverError.timedOut(host) }
        try wake.check()
      }
    }
    switch question.answer! {
    case .success(let addresses): return addresses.map { $0.with(port: port) }
    case .failure(let status):
      let none = [ARES_ENOTFOUND, ARES_ENODATA]
      throw none.contains(status) ? ResolverError.notFound(host) : .failed(host, String(cString: ares_strerror(status)))
    }
  }

  private func watch(_ descriptor: CInt, _ readable: Bool, _ writable: Bool) {
    let watcher = watchers[descriptor]
    if let watcher { ev_io_stop(loop, watcher) }
    guard readable || writable else {
      watchers[descriptor] = nil
      watcher?.deallocate()
      return
    }
    let new = watcher ?? .allocate(capacity: 1)
    if watcher == nil { new.initialize(to: ev_io()) }
    watchers[descriptor] = new
    let events = (readable ? CInt(EV_READ) : 0) | (writable ? CInt(EV_WRITE) : 0)
    cev_io_init(
      new,
      { _, watcher, events in
        let descriptor = watcher!.pointee.fd
        ResolverChannel.from(watcher!.pointee.data).process(
          events & CInt(EV_READ) != 0 ? descriptor : ARES_SOCKET_BAD,
          events & CInt(EV_WRITE) != 0 ? descriptor : ARES_SOCKET_BAD)
      }, descriptor, events)
    new.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    ev_io_start(loop, new)
  }

  private func process(_ readable: CInt, _ writable: CInt) {
    ares_process_fd(channel, readable, writable)
    setTimer()
  }

  private func setTimer() {
    ev_timer_stop(loop, timer)
    var time = timeval()
    guard ares_timeout(channel, nil, &time) != nil else { return }
    ev_now_update(loop)
    cev_timer_set(timer, Double(time.tv_sec) + Double(time.tv_usec) * 1e-6)
    ev_timer_start(loop, timer)
  }

  /// c-ares' own calls are non-blocking and belong to the loop, even where a fiber makes them.
  private func withoutRedirect(_ fiber: FiberPointer, _ body: () -> Void) {
    fiber.pointee.bypass += 1
    body()
    fiber.pointee.bypass -= 1
  }

  /// One lookup under way.
  private final class Question {
    enum Answer {
      case success([SocketAddress])
      case failure(CInt)
    }

    var fiber: FiberPointer?
    var answer: Answer?

    init(_ fiber: FiberPointer) { self.fiber = fiber }

    func answered(_ status: CInt, _ result: UnsafeMutablePointer<ares_addrinfo>?) {
      defer { if let result { ares_freeaddrinfo(result) } }
      if status == ARES_SUCCESS, let result {
        let nodes = sequence(first: result.pointee.nodes, next: { $0?.pointee.ai_next })
        answer = .success(
          nodes.compactMap { node in
            node.flatMap { SocketAddress($0.pointee.ai_addr, length: $0.pointee.ai_addrlen) }
          })
      } else {
        answer = .failure(status)
      }
      if let fiber { fiber.record.pointee.hub.ready(fiber) }
    }
  }
}
