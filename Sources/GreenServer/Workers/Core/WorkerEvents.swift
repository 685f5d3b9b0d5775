import Glibc
import Green
import SystemPackage

/// What a worker's loop waits for: connections, signals, the end of the master, a connection's end, lingering connections,
/// and libdispatch's main queue where no hub runs it. In a fiber it parks, on a plain thread it blocks.
final class WorkerEvents {
  let listeners: [Listener]
  private let context: WorkerContext
  /// The listeners, then the others in the order of ``Other``, then the connections that linger. Unsafe: the hub keeps the
  /// address while a fiber waits.
  private let polled: UnsafeMutableBufferPointer<pollfd>

  /// What the master has asked for, and nobody has done.
  private var orders: [WorkerOrder] = []

  private enum Other: Int, CaseIterable {
    case signals, master, room, engine, mainQueue
  }

  /// To be made where it is used, in a fiber or on a thread. `watched` is one more descriptor that ends a wait.
  init(_ context: WorkerContext, watched: CInt) {
    self.context = context
    listeners = context.listeners.map { Listener(adopting: $0) }
    let fixed = listeners.count + Other.allCases.count
    polled = .allocate(capacity: fixed + LingerList.most)
    polled.initialize(repeating: pollfd(fd: -1, events: Int16(POLLIN), revents: 0))
    self[.signals].fd = context.signals.descriptor
    self[.master].fd = context.masterDescriptor
    self[.room].fd = context.room.descriptor
    self[.engine].fd = watched
    if Hub.current == nil { self[.mainQueue].fd = MainQueue.descriptor }
  }

  deinit { polled.deallocate() }

  private subscript(other: Other) -> pollfd {
    get { polled[listeners.count + other.rawValue] }
    set { polled[listeners.count + other.rawValue] = newValue }
  }

  /// Waits until something happens or the deadline passes, and does what is due on its own: reads from lingering
  /// connections, runs the main queue. With `listening` false it does not look at the listeners.
  ///
  /// Throws ``WorkerEnd/lost(service:reason:)`` where one of the descriptors has been closed.
  func wait(until deadline: Deadline, listening: Bool) throws {
    // A negative descriptor is passed over.
    for (index, listener) in listeners.enumerated() { polled[index].fd = listening ? listener.descriptor : -1 }
    let fixed = listeners.count + Other.allCases.count
    let lingering = context.lingering.fill(UnsafeMutableBufferPointer(rebasing: polled[fixed...]))
    let all = UnsafeMutableBufferPointer(rebasing: polled[..<(fixed + lingering.count)])
    for index in all.indices { all[index].revents = 0 }
    do {
      try Readiness.wait(for: all, until: min(deadline, lingering.deadline))
      try checkDescriptors(all[..<fixed])
    } catch Errno.timedOut {
    } catch let end as WorkerEnd {
      throw end
    } catch {
      // Somebody has closed what is waited for: which it was, the kernel says.
      _ = poll(all.baseAddress, nfds_t(all.count), 0)
      try checkDescriptors(all[..<fixed])
      throw WorkerEnd.lost(service: listening ? "accept" : "signals", reason: "\(error)")
    }
    if lingering.count > 0 { context.lingering.readOn() }
    if self[.room].revents != 0 { context.room.clear() }
    if self[.mainQueue].revents != 0 { MainQueue.run(self[.mainQueue].fd) }
  }

  private func checkDescriptors(_ polled: Slice<UnsafeMutableBufferPointer<pollfd>>) throws {
    guard let closed = polled.firstIndex(where: { $0.fd >= 0 && $0.revents & Int16(POLLNVAL) != 0 }) else { return }
    throw WorkerEnd.lost(
      service: closed < listeners.count ? "accept" : "signals", reason: "\(Errno.badFileDescriptor)")
  }

  /// Whether the last wait saw that a connection may be at the listener.
  func isReady(_ listener: Int) -> Bool { polled[listener].revents != 0 }

  /// What the signals that the last wait saw ask for, or the end of the master. Opens the logs again where that was asked
  /// for.
  func takeStopRequest() -> StopRequest? {
    let request = self[.signals].revents != 0 ? takeSignals() : nil
    if self[.master].revents != 0 && request == nil && hearMaster() {
      context.logger.info("Parent changed, shutting down")
      return .quick
    }
    return request
  }

  /// Notes what the master asks for. Returns whether it has ended.
  private func hearMaster() -> Bool {
    while true {
      switch context.handshake.receiveOrder() {
      case .nothing: return false
      case .end: return true
      case .packet(let order): orders.append(order)
      }
    }
  }

  /// What the master has asked for since this was last asked.
  func takeOrders() -> [WorkerOrder] {
    if orders.isEmpty { return [] }
    defer { orders = [] }
    return orders
  }

  /// The same of the signals that have come by now, whether a wait saw them or not.
  func takeSignals() -> StopRequest? {
    var request: StopRequest?
    while let signal = context.signals.take() {
      if signal == .user1 {
        ErrorLog.reopen()
        context.accessLog?.reopen()
      } else {
        request = max(request ?? .drain, signal == .terminate ? .drain : .quick)
      }
    }
    return request
  }

  func stopListening() {
    context.disownListeners()
    for listener in listeners { listener.close() }
  }
}

extension Listener {
  /// Whether a connection waits. Does not wait itself.
  var hasWaiting: Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 0) > 0
  }
}
