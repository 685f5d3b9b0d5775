import Glibc
import Green
import Synchronization

// What streams have not taken yet. It goes with the next message, but the last has none after it: so it is also sent as time goes
// by, and once more at the end.
extension LossySocket {
  private struct Known: Sendable {
    weak var socket: LossySocket?
  }

  private static let known = Guarded<[Known]>([])
  private static let isBehind = Atomic(false)

  /// Whether some stream may not have taken all.
  static var hasRest: Bool { isBehind.load(ordering: .relaxed) }

  static func noteRest() { isBehind.store(true, ordering: .relaxed) }

  func noteExistence() {
    Self.known.withLock { known in
      known.removeAll { $0.socket == nil }
      known.append(Known(socket: self))
    }
  }

  private static var all: [LossySocket] { known.withLock { $0.compactMap { $0.socket } } }

  /// Sends of all streams what they take now. The common case costs a load.
  static func flushAll() {
    guard hasRest else { return }
    isBehind.store(false, ordering: .relaxed)
    for socket in all { socket.flush() }
  }

  /// At the end of the process: waits a moment, half a second for all, until streams have taken what they had not. What they
  /// do not take is lost.
  static func finishAll() {
    guard hasRest else { return }
    isBehind.store(false, ordering: .relaxed)
    let end = monotonicNanoseconds() + 500_000_000
    for socket in all { socket.finish(by: end) }
  }

  /// Sends what is taken now.
  func flush() { state.withLock { flush(&$0) } }

  /// As ``finishAll()`` for this one, until that time.
  func finish(by end: Int64) {
    state.withLock { state in
      flush(&state)
      while !state.rest.isEmpty, case let left = end - monotonicNanoseconds(), left > 0 {
        var entry = pollfd(fd: state.descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&entry, 1, CInt(clamping: left / 1_000_000 + 1))
        flush(&state)
      }
      if !state.rest.isEmpty { disconnect(&state) }
    }
  }
}
