public import Green
internal import SystemPackage

/// The messages of some channels, on a connection of its own, from ``Redis/subscribe(to:patterns:)`` on.
///
/// A connection that is lost is made anew, and the channels subscribed to again: what is published meanwhile is lost,
/// as Redis keeps nothing of it. One on which nothing comes is asked every 30 s whether it is still there.
///
/// One fiber, thread or task takes the messages; any may change the channels.
public final class RedisSubscription: Sendable {
  private struct State {
    var channels: Set<String>
    var patterns: Set<String>
    var connection: RedisConnection?
    var isClosed = false
    /// How often the connection was made.
    var connections = 0
    /// What has come before somebody asked.
    var early: [Event] = []
  }

  private let redis: Redis
  private let state: Guarded<State>
  private let receiving = Semaphore(1)
  private static var askingInterval: Duration { .seconds(30) }

  init(_ redis: Redis, _ channels: Set<String>, _ patterns: Set<String>) throws {
    self.redis = redis
    state = Guarded(State(channels: channels, patterns: patterns))
    try waitForAnswers(on: connection(), channels.count + patterns.count)
  }

  deinit { close() }

  /// How often the connection was made: where it has grown, messages may have been lost.
  public var connections: Int { state.withLock { $0.connections } }

  /// The next message. Parks or blocks until there is one, also over the loss of the connection.
  ///
  /// - Throws: `Errno.timedOut` at the deadline, and no message is lost then; ``RedisConnectionError/closed``; ``RedisError`` where
  ///   the server refuses a channel, and the others go on, or does not take the password any more;
  ///   `CancellationError` and `TimeoutError` as every wait.
  public func next(until deadline: Deadline = .never) throws -> RedisMessage {
    while true { if case .message(let message) = try nextEvent(until: deadline) { return message } }
  }

  /// What may come.
  enum Event {
    case message(RedisMessage)
    /// From now on what is published in the channel is received.
    case subscribed(String)
    case other

    init(_ value: RedisValue) {
      if let message = RedisMessage(value) {
        self = .message(message)
      } else if let parts = value.array, parts.count == 3, parts[0].string == "subscribe", let channel = parts[1].string
      {
        self = .subscribed(channel)
      } else {
        self = .other
      }
    }
  }

  /// As ``next(until:)``, for whoever wants to know of more than messages.
  func nextEvent(until deadline: Deadline) throws -> Event {
    try receiving.wait(until: deadline)
    defer { receiving.signal() }
    if let event = state.withLock({ $0.early.isEmpty ? nil : $0.early.removeFirst() }) { return event }
    var pause = Duration.milliseconds(50)
    while true {
      do {
        return try event(from: connection(), until: deadline)
      } catch let error as RedisConnectionError where error != .closed {
      } catch let error as RedisError {
        let isOpening = state.withLock { $0.connection == nil }
        // A channel that is refused: the others go on.
        if !isOpening && error.code == "NOPERM" { throw error }
        if isOpening && ["NOAUTH", "NOPERM", "WRONGPASS"].contains(error.code) {
          // Who asks again and again is not to ask without a pause.
          try Fiber.sleep(until: Swift.min(deadline, .after(.seconds(1))))
          throw error
        }
        // A server that has too many clients, or is still loading.
      }
      dropConnection()
      if deadline.hasPassed { throw Errno.timedOut }
      try Fiber.sleep(until: Swift.min(deadline, .after(pause)))
      pause = Swift.min(pause * 2, .seconds(2))
    }
  }

  private func event(from connection: RedisConnection, until deadline: Deadline) throws -> Event {
    let asking = Deadline.after(Self.askingInterval)
    do {
      return Event(try connection.receivePushed(until: Swift.min(deadline, asking)))
    } catch Errno.timedOut {
      if deadline <= asking { throw Errno.timedOut }
    }
    try connection.push([RedisCommand("PING")])
    do {
      return Event(try connection.receivePushed(until: .after(redis.configuration.timeout)))
    } catch Errno.timedOut {
      throw RedisConnectionError.timedOut(redis.configuration.timeout)
    }
  }

  /// Subscribes to further channels. When it returns, the server has been asked to.
  public func add(_ channels: String...) throws {
    try change {
      $0.channels.formUnion(channels)
    } commands: {
      [RedisCommand("SUBSCRIBE", channels)]
    }
  }

  /// Subscribes to channels no longer.
  public func remove(_ channels: String...) throws {
    try change {
      $0.channels.subtract(channels)
    } commands: {
      [RedisCommand("UNSUBSCRIBE", channels)]
    }
  }

  private func change(_ body: (inout State) -> Void, commands: () -> [RedisCommand]) throws {
    let connection = state.withLock { state in
      body(&state)
      return state.connection
    }
    // Where the connection is lost, the next one subscribes to what there is then.
    do { try connection?.push(commands()) } catch is RedisConnectionError {}
  }

  /// Ends it; whoever waits for a message gets ``RedisConnectionError/closed``.
  public func close() {
    let connection = state.withLock { state in
      state.isClosed = true
      defer { state.connection = nil }
      return state.connection
    }
    connection?.close()
  }

  // MARK: The connection

  private func connection() throws -> RedisConnection {
    let (known, isClosed) = state.withLock { ($0.connection, $0.isClosed) }
    if isClosed { throw RedisConnectionError.closed }
    if let known { return known }
    let connection = try redis.connector.open()
    let commands = state.withLock { state -> [RedisCommand]? in
      if state.isClosed { return nil }
      state.connection = connection
      state.connections += 1
      // Each by itself: of several in one command, one that is refused would take the others with it.
      return state.channels.sorted().map { RedisCommand("SUBSCRIBE", $0) }
        + state.patterns.sorted().map { RedisCommand("PSUBSCRIBE", $0) }
    }
    guard let commands else {
      connection.close()
      throw RedisConnectionError.closed
    }
    try connection.push(commands)
    return connection
  }

  /// The server has subscribed to each channel and pattern when it says so.
  private func waitForAnswers(on connection: RedisConnection, _ count: Int) throws {
    let deadline = Deadline.after(redis.configuration.timeout)
    var answers = 0
    while answers < count {
      let event: Event
      do {
        event = Event(try connection.receivePushed(until: deadline))
      } catch Errno.timedOut {
        throw RedisConnectionError.timedOut(redis.configuration.timeout)
      }
      if case .message = event {} else { answers += 1 }
      state.withLock { $0.early.append(event) }
    }
  }

  private func dropConnection() {
    let connection = state.withLock { state in
      defer { state.connection = nil }
      return state.connection
    }
    connection?.close()
  }
}

extension Redis {
  /// Subscribes to channels, on a connection beside those of the pool. Parks or blocks until the server has subscribed: what is
  /// published from then on is received.
  ///
  /// - Parameters:
  ///   - channels: their names.
  ///   - patterns: patterns of names, `news.*`.
  /// - Throws: ``RedisConnectionError``; ``RedisError`` where the server refuses.
  public func subscribe(to channels: String..., patterns: [String] = []) throws -> RedisSubscription {
    try RedisSubscription(self, Set(channels), Set(patterns))
  }
}
