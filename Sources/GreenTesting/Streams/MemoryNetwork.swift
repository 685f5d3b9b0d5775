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

  func remove(_ listener: MemoryListener) {
    state.withLock { if $0.listeners[listener.name] === listener { $0.listeners[listener.name] = nil } }
  }
}
