internal import SystemPackage

/// Connections that are used again and again, at most so many at once. Who comes when all are in use waits, first come, first
/// served, and not for ever.
///
/// ```swift
/// let pool = Pool(limit: 10) { try Connection(to: server) }
/// let answer = try pool.withConnection { connection in try connection.ask(question) }
/// ```
///
/// Fibers, threads and tasks share one. Connections are made when they are needed. One that is broken when it is given back, or
/// found broken when it is to be given out, is closed and replaced; so is one that nobody has used for the idle timeout, the next
/// time that anybody uses the pool, and one that has reached its lifetime. A forked child begins without connections.
///
/// A caller that holds a connection and asks for another when all are in use gets ``PoolError/nested(limit:)`` at once,
/// rather than waiting for others that do the same.
public final class Pool<Connection: PooledConnection>: Sendable {
  typealias State = PoolState<Connection>

  fileprivate struct Held {
    var state: State
    /// The process that the connections belong to: what a forked child has of them is its parent's.
    var generation = ForkHandler.generation
    var nextSweep = Deadline(nanoseconds: 0)
    var isOwn: Bool { generation == ForkHandler.generation }
  }

  private let held: Guarded<Held>
  private let limit: Int
  private let wait: Duration
  private let idleTimeout: Duration
  private let lifetime: Duration
  private let open: @Sendable () throws -> Connection

  /// A pool without connections.
  ///
  /// - Parameters:
  ///   - limit: the most connections at once, at least 1.
  ///   - wait: how long a caller waits for one, 5 s unless said otherwise.
  ///   - idleTimeout: a connection that has not been used for so long is closed.
  ///   - lifetime: a connection that is so old is not given out again.
  ///   - open: makes a connection, in the caller that gets it. May park or block; what it throws, that caller gets.
  public init(
    limit: Int, wait: Duration = .seconds(5), idleTimeout: Duration = .seconds(300),
    lifetime: Duration = .seconds(3600),
    open: @escaping @Sendable () throws -> Connection
  ) {
    self.limit = max(1, limit)
    self.wait = wait
    self.idleTimeout = idleTimeout
    self.lifetime = lifetime
    self.open = open
    held = Guarded(Held(state: State(limit: max(1, limit))))
  }

  deinit { close() }

  /// What the pool is doing now. Never waits.
  public var statistics: PoolStatistics {
    held.withLock { $0.isOwn ? $0.state.statistics : State(limit: limit).statistics }
  }

  /// Calls `body` with a connection that nobody else uses meanwhile. Parks or blocks until there is one, and while one is made.
  ///
  /// - Parameters:
  ///   - deadline: when to give up waiting for a connection, if that is before the pool's own limit.
  ///   - body: called with the connection, which goes back to the pool when it returns or throws.
  /// - Throws: ``PoolError`` where there is none to be had; what making one throws; `CancellationError` and ``TimeoutError`` as
  ///   every wait; what `body` throws.
  @discardableResult
  public func withConnection<Result>(
    until deadline: Deadline = .never, _ body: (Connection) throws -> Result
  ) throws -> Result {
    let lease = try lease(until: deadline)
    defer { lease.end() }
    return try body(lease.connection)
  }

  /// A connection, until ``PoolLease/end()``. For code that cannot wait for the end in one closure.
  package func lease(until deadline: Deadline = .never) throws -> PoolLease<Connection> {
    let start = Deadline.now
    sweep(start)
    let end = min(deadline, start.advanced(by: wait))
    while true {
      switch try grant(from: start, until: end) {
      case .connection(let entry):
        if entry.connection.isUsable() { return PoolLease(entry, of: self) }
        // Whoever got it keeps the turn.
        let isOwn = held.withLock { held in held.isOwn && held.state.replace(entry) }
        entry.connection.close()
        if isOwn { return try fill() }
      case .place: return try fill()
      }
    }
  }

  func giveBack(_ entry: State.Entry, usable: Bool) {
    let isClosing = held.withLock { held in held.isOwn && held.state.giveBack(entry, usable: usable, now: .now) }
    if isClosing { entry.connection.close() }
    serveWaiters()
  }

  /// Closes the connections: those in use when they are given back. Whoever waits for one, or asks later, gets
  /// ``PoolError/closed``.
  public func close() {
    let ended = held.withLock { held -> (idle: [State.Entry], waiters: [State.Waiter]) in
      held.forgetParents()
      return held.state.close()
    }
    for entry in ended.idle { entry.connection.close() }
    for waiter in ended.waiters { waiter.promise.fail(PoolError.closed) }
  }

  // MARK: Giving out

  private func grant(from start: Deadline, until end: Deadline) throws -> State.Grant {
    let holder = PoolHolder()
    let waiter = State.Waiter(holder)
    let grant = try held.withLock { held -> State.Grant? in
      held.forgetParents()
      if held.state.isClosed { throw PoolError.closed }
      if let grant = held.state.grant(to: holder) { return grant }
      if held.state.holdsOne(holder) { throw PoolError.nested(limit: limit) }
      held.state.enqueue(waiter)
      return nil
    }
    return try grant ?? wait(as: waiter, from: start, until: end)
  }

  private func wait(as waiter: State.Waiter, from start: Deadline, until end: Deadline) throws -> State.Grant {
    do {
      return try waiter.promise.value(until: end)
    } catch {
      // What has been given is on its way.
      if !held.withLock({ $0.state.withdraw(waiter) }), let grant = try? withShield({ try waiter.promise.value }) {
        refuse(grant)
      }
      if error as? Errno == .timedOut {
        throw PoolError.exhausted(limit: limit, waited: .nanoseconds(end.nanoseconds - start.nanoseconds))
      }
      throw error
    }
  }

  /// Somebody gave something to one who had just gone.
  private func refuse(_ grant: State.Grant) {
    switch grant {
    case .connection(let entry): giveBack(entry, usable: true)
    case .place: abandonPlace()
    }
  }

  private func fill() throws -> PoolLease<Connection> {
    let connection: Connection
    do {
      connection = try open()
    } catch {
      abandonPlace()
      throw error
    }
    let entry = State.Entry(connection, end: .after(lifetime), holder: PoolHolder())
    held.withLock { if $0.isOwn { $0.state.add(entry) } }
    return PoolLease(entry, of: self)
  }

  private func abandonPlace() {
    held.withLock { if $0.isOwn { $0.state.abandonPlace() } }
    serveWaiters()
  }

  private func serveWaiters() {
    while let (waiter, grant) = held.withLock({ $0.isOwn ? $0.state.serveNext() : nil }) {
      waiter.promise.fulfil(grant)
    }
  }

  /// Closes what nobody has used for long. Looked for at most once a second.
  private func sweep(_ now: Deadline) {
    let old = held.withLock { held -> [State.Entry] in
      guard held.nextSweep <= now, held.isOwn else { return [] }
      held.nextSweep = now.advanced(by: .seconds(1))
      return held.state.removeIdle(since: now.advanced(by: .zero - idleTimeout), now: now)
    }
    for entry in old { entry.connection.close() }
  }
}

extension Pool.Held {
  /// In a forked child: without a word to the other end, which goes on with the parent.
  fileprivate mutating func forgetParents() {
    if isOwn { return }
    state = Pool.State(limit: state.limit, isClosed: state.isClosed)
    generation = ForkHandler.generation
  }
}
