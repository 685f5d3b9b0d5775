public import Green
internal import SystemPackage

/// A network within the process: who listens at which name, and connections of ``MemoryStream``s between them.
///
/// ```swift
/// let network = MemoryNetwork(.rough)
/// let listener = try network.listen(at: "server:80")
/// Fiber.spawn { while let stream = try? listener.accept() { Fiber.spawn { serve(stream) } } }
/// let stream = try network.connect(to: "server:80")
/// ```
public final class MemoryNetwork: Sendable {
  private struct State {
    var listeners: [String: MemoryListener] = [:]
    var conditions: StreamConditions
    var random: SeededGenerator
    var connections = 0
  }

  private let state: Mutex<State>

  /// A network without listeners.
  ///
  /// - Parameters:
  ///   - conditions: how its connections do.
  ///   - seed: governs them; by default it is drawn from ``TestHub/random``.
  public init(_ conditions: StreamConditions = .perfect, seed: UInt64? = nil) {
    state = Mutex(State(conditions: conditions, random: SeededGenerator(seed: seed ?? TestHub.random.next())))
  }

  /// How connections that are made from now on do.
  public var conditions: StreamConditions {
    get { state.withLock { $0.conditions } }
    set { state.withLock { $0.conditions = newValue } }
  }

  /// Listens at a name, any text.
  ///
  /// - Parameters:
  ///   - name: where.
  ///   - backlog: how many connections may wait to be accepted; those beyond it wait to be made.
  /// - Throws: `Errno.addressInUse` while somebody else listens there.
  public func listen(at name: String, backlog: Int = 128) throws -> MemoryListener {
    try state.withLock { state in
      guard state.listeners[name] == nil else { throw Errno.addressInUse }
      let listener = MemoryListener(name, self, backlog: max(1, backlog))
      state.listeners[name] = listener
      return listener
    }
  }

  /// Connects to a listener. Parks or blocks for a delay there and one back, and while the backlog is full.
  ///
  /// - Throws: `Errno.connectionRefused` when nobody listens at the name, `Errno.timedOut` at the deadline;
  ///   `CancellationError` and `TimeoutError` as every wait.
  public func connect(to name: String, until deadline: Deadline = .never) throws -> MemoryStream {
    let (conditions, seed, number, roundTrip) = state.withLock { state in
      state.connections += 1
      let delay = state.conditions.delay
      let roundTrip = state.random.duration(in: delay) + state.random.duration(in: delay)
      return (state.conditions, state.random.next(), state.connections, roundTrip)
    }
    if roundTrip > .zero {
      let arrival = Deadline.after(roundTrip)
      try Fiber.sleep(until: min(arrival, deadline))
      if arrival > deadline { throw Errno.timedOut }
    }
    guard let listener = state.withLock({ $0.listeners[name] }) else { throw Errno.connectionRefused }
    let ends = MemoryStream.pair(conditions, seed: seed, names: ("client:\(number)", name))
    try listener.offer(ends.1, until: deadline)
    return ends.0
  }

  fileprivate func remove(_ listener: MemoryListener) {
    state.withLock { if $0.listeners[listener.name] === listener { $0.listeners[listener.name] = nil } }
  }
}

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

  fileprivate init(_ name: String, _ network: MemoryNetwork, backlog: Int) {
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

  fileprivate func offer(_ stream: MemoryStream, until deadline: Deadline) throws {
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
