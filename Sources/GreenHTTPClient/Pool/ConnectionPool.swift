internal import Green
internal import SystemPackage

/// The connections of a client, which it uses again: no more to one host than there may be, and no more in all. Who comes when
/// there are as many waits until one is given back, first come, first served.
final class ConnectionPool: Sendable {
  fileprivate struct Held {
    var state: PoolState
    /// The process that the connections belong to: what a forked child has of them is its parent's.
    var generation = ForkHandler.generation
    /// When connections that are of age are looked for next, by whoever uses the client.
    var nextSweep = Deadline(nanoseconds: 0)
    /// When a timer of a hub looks for them.
    var timerDue = Deadline(nanoseconds: 0)
  }

  private let held: Guarded<Held>
  private let configuration: HTTPClientConfiguration

  init(_ configuration: HTTPClientConfiguration) {
    self.configuration = configuration
    held = Guarded(Held(state: PoolState(configuration)))
  }

  deinit { closeAll() }

  /// A place on a connection. Parks or blocks until there is one.
  ///
  /// - Parameters:
  ///   - fresh: whether it must be a new connection. The others that nobody uses are closed then: they are as old.
  ///   - connect: makes a connection.
  func take(_ route: Route, fresh: Bool, _ timing: Timing, connect: () throws -> any ClientConnection) throws -> Lease {
    if fresh { close { $0.route == route } }
    sweep()
    let deadline = timing.within(configuration.queueTimeout)
    while true {
      switch try grant(route, until: deadline) {
      case .connection(let entry):
        if entry.connection.isUsable && !fresh { return Lease(entry, of: self, isReused: true) }
        giveBack(entry, usable: false)
      case .place(let victim):
        victim?.connection.close()
        return try fill(route, connect)
      }
    }
  }

  /// Gives a place back, and to whoever waits.
  func giveBack(_ entry: PoolEntry, usable: Bool) {
    let closing = held.withLock { held in held.isOwn ? held.state.giveBack(entry, usable: usable) : nil }
    closing?.connection.close()
    serveWaiters()
    if closing == nil { setTimer() }
  }

  /// Closes what nobody uses now, and the rest when it has been given back.
  func closeAll() {
    let closing = held.withLock { held in held.isOwn ? held.state.closeAll() : [] }
    for entry in closing { entry.connection.close() }
    serveWaiters()
  }

  // MARK: Giving out

  private func grant(_ route: Route, until deadline: Deadline) throws -> PoolState.Grant {
    let waiter = PoolWaiter(route)
    let grant = held.withLock { held -> PoolState.Grant? in
      held.forgetParents(configuration)
      if !held.state.isAwaited(route), let grant = held.state.grant(route) { return grant }
      held.state.enqueue(waiter)
      return nil
    }
    if let grant { return grant }
    do {
      return try waiter.promise.value(until: deadline).grant
    } catch {
      if !held.withLock({ $0.state.withdraw(waiter) }) {
        // What has been given is on its way.
        refuse(try withShield { try waiter.promise.value }.grant, route)
      }
      if error as? Errno == .timedOut { throw HTTPClientError.timedOut(.queue) }
      throw error
    }
  }

  /// Somebody gave something to one who had just gone.
  private func refuse(_ grant: PoolState.Grant, _ route: Route) {
    switch grant {
    case .connection(let entry): giveBack(entry, usable: true)
    case .place(let victim):
      victim?.connection.close()
      abandonPlace(route)
    }
  }

  private func fill(_ route: Route, _ connect: () throws -> any ClientConnection) throws -> Lease {
    let connection: any ClientConnection
    do {
      connection = try connect()
    } catch {
      abandonPlace(route)
      throw error
    }
    let entry = PoolEntry(route, connection)
    held.withLock { $0.state.add(entry) }
    if connection.capacity > 1 { serveWaiters() }
    return Lease(entry, of: self, isReused: false)
  }

  private func abandonPlace(_ route: Route) {
    held.withLock { $0.state.abandonPlace(route) }
    serveWaiters()
  }

  private func serveWaiters() {
    while let (waiter, grant) = held.withLock({ $0.isOwn ? $0.state.serveNext() : nil }) {
      waiter.promise.fulfil(PoolWaiter.Box(grant: grant))
    }
  }

  // MARK: Closing

  private func close(where isChosen: (PoolEntry) -> Bool) {
    let closing = held.withLock { held in held.isOwn ? held.state.removeIdle(where: isChosen) : [] }
    for entry in closing { entry.connection.close() }
    if !closing.isEmpty { serveWaiters() }
  }

  /// Closes what nobody has used for long. Looked for at most once a second.
  private func sweep() {
    let now = Deadline.now
    let isDue = held.withLock { held in
      if held.nextSweep > now { return false }
      held.nextSweep = now.advanced(by: .seconds(1))
      return true
    }
    if isDue { closeAged(at: now) }
  }

  private func closeAged(at now: Deadline) { close { $0.idleSince.advanced(by: configuration.idleTimeout) <= now } }

  /// Has the calling hub look for connections that nobody uses any more, once they are of age. It keeps no hub going, and does
  /// not outlive it: then the next that is given back has another. Threads have none.
  private func setTimer() {
    guard let hub = Hub.current else { return }
    let now = Deadline.now
    // Few timers for many connections: each may be closed a little late.
    let delay = max(configuration.idleTimeout, .milliseconds(10)) + .milliseconds(10)
    let isDue = held.withLock { held in
      guard held.isOwn, held.timerDue <= now, held.state.hasIdle else { return false }
      held.timerDue = now.advanced(by: delay)
      return true
    }
    if !isDue { return }
    hub.after(delay) { [weak self] in
      self?.closeAged(at: .now)
      self?.setTimer()
    }
  }
}

extension ConnectionPool.Held {
  /// Whether the connections are this process's.
  fileprivate var isOwn: Bool { generation == ForkHandler.generation }

  /// In a forked child: without a word to the peers, who go on with the parent.
  fileprivate mutating func forgetParents(_ configuration: HTTPClientConfiguration) {
    if isOwn { return }
    state = PoolState(configuration)
    generation = ForkHandler.generation
  }
}
