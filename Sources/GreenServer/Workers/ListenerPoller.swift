import Glibc
import Green
import Logging

/// What a worker was asked to do by a signal.
enum StopRequest {
  /// Finish what is in progress.
  case drain
  /// End at once.
  case quick
}

/// Waits, on a plain thread, for connections, signals and the end of the master, and runs libdispatch's main queue.
final class ListenerPoller {
  let listeners: [Listener]
  let lingering = LingerList()
  private let context: WorkerContext
  private var polled: [pollfd]
  private let mainQueue = MainQueue.descriptor

  /// `extra` are more descriptors that end a wait.
  init(_ context: WorkerContext, extra: [CInt] = []) {
    self.context = context
    listeners = context.listeners.map { Listener(adopting: $0.descriptor) }
    let others = [context.signals.descriptor, context.masterDescriptor, mainQueue] + extra
    polled = (listeners.map(\.descriptor) + others).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
  }

  /// The listeners at which a connection may wait; none when the time is over or something else has happened.
  /// With `listening` false, does not look at the listeners.
  func wait(milliseconds: CInt, listening: Bool = true) -> [Listener] {
    // poll passes over negative descriptors.
    for (index, listener) in listeners.enumerated() { polled[index].fd = listening ? listener.descriptor : -1 }
    for index in polled.indices { polled[index].revents = 0 }
    guard pollAll(milliseconds) > 0 else { return [] }
    if polled[listeners.count + 2].revents != 0 { MainQueue.run(mainQueue) }
    return zip(listeners, polled).filter { $1.fd >= 0 && $1.revents != 0 }.map { $0.0 }
  }

  /// Waits for the lingering connections too, and reads from them.
  private func pollAll(_ milliseconds: CInt) -> CInt {
    let (others, milliseconds) = lingering.polled(milliseconds: milliseconds)
    if others.isEmpty { return poll(&polled, nfds_t(polled.count), milliseconds) }
    var all = polled + others
    let count = poll(&all, nfds_t(all.count), milliseconds)
    for index in polled.indices { polled[index].revents = all[index].revents }
    lingering.readOn()
    return count
  }

  /// Waits until the lingering connections have ended.
  func finishLingering(until deadline: Deadline) {
    while !lingering.isEmpty && !deadline.hasPassed { _ = wait(milliseconds: 100, listening: false) }
  }

  /// What the signals that have come ask for, or the end of the master.
  func stopRequest() -> StopRequest? {
    // Looked at only where the last wait saw something there.
    let (signals, master) = (polled[listeners.count], polled[listeners.count + 1])
    var request: StopRequest?
    guard signals.revents != 0 || master.revents != 0 else { return nil }
    while let signal = context.signals.take() {
      if signal != SIGTERM { return .quick }
      request = .drain
    }
    if request == nil && context.isOrphaned {
      context.logger.info("Parent changed, shutting down")
      return .quick
    }
    return request
  }

  /// Lets the other workers go first.
  func leaveTurn() {
    var time = timespec(tv_sec: 0, tv_nsec: Int(AcceptTurn.delay))
    nanosleep(&time, nil)
  }
}
