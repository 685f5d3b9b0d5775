public import Green
internal import SystemPackage

/// Takes connections of a ``MemoryNetwork``. It listens until it is closed.
public final class MemoryListener: Sendable {
  private struct State {
    var waiting: [MemoryStream] = []
    var isClosed = false
  }

  /// Where it listens.
  public let name: String
  private let network: MemoryNetwork
  private let state = Mutex(State())
  /// Signalled for each connection that waits, and for each place in the backlog.
  private let arrived = Semaphore(0)
  private let room: Semaphore

  init(_ name: String, _ network: MemoryNetwork, backlog: Int) {
    self.name = name
    self.network = network
    room = Semaphore(backlog)
  }

  /// The next connection. Parks or blocks until there is one.
  ///
  /// - Throws: `Errno.timedOut` at the deadline, `Errno.badFileDescriptor` when the listener is closed;
  ///   `CancellationError` and `TimeoutError` as every wait.
  public func accept(until deadline: Deadline = .never) throws -> MemoryStream {
    try arrived.wait(until: deadline)
    let stream = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
    guard let stream else {
      // Closed: the next who waits is to see that too.
      arrived.signal()
      throw Errno.badFileDescriptor
    }
    room.signal()
    return stream
  }

  func offer(_ stream: MemoryStream, until deadline: Deadline) throws {
    try room.wait(until: deadline)
    let isTaken = state.withLock { state in
      if !state.isClosed { state.waiting.append(stream) }
      return !state.isClosed
    }
    guard isTaken else {
      room.signal()
      throw Errno.connectionRefused
    }
    arrived.signal()
  }

  /// Stops listening: connections that wait to be accepted are reset, and accepting fails. Never parks.
  public func close() {
    network.remove(self)
    let dropped = state.withLock { state in
      let dropped = state.waiting
      state = State(isClosed: true)
      return dropped
    }
    for stream in dropped { stream.reset() }
    arrived.signal()
    room.signal()
  }
}
