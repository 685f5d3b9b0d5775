internal import Green
internal import GreenTasks
public import GreenWeb

/// Takes the messages of `Rooms` to all workers on all machines, by Redis's publish and subscribe, on one connection a
/// worker. Each `Rooms` has a relay of its own.
///
/// While that connection is lost, what is said is not heard by this worker's members.
public final class RedisRelay: RoomRelay {
  private struct State {
    /// By the names of their channels.
    var rooms: [String: Room] = [:]
    var subscription: RedisSubscription?
  }

  private struct Room {
    let deliver: @Sendable ([UInt8]) -> Void
    /// Fulfilled when Redis has heard that it is listened to.
    let listening = Promise<Void>()
  }

  private let redis: Redis
  private let prefix: String
  private let state = Guarded(State())
  /// Held while the subscription is begun.
  private let beginning = Mutex(())
  /// Held while a channel is subscribed to or let go, so that the server is told in the order in which `rooms` changes.
  private let changing = Mutex(())

  /// - Parameters:
  ///   - redis: what takes the messages.
  ///   - prefix: what the names of channels begin with.
  public init(_ redis: Redis, prefix: String = "room:") { (self.redis, self.prefix) = (redis, prefix) }

  deinit { state.withLock { $0.subscription }?.close() }

  public func listen(to room: String, _ deliver: @escaping @Sendable ([UInt8]) -> Void) throws {
    let subscription = try subscription()
    let channel = prefix + room
    let known = try changing.withLock { _ in
      let (known, isNew) = state.withLock { state -> (Room, Bool) in
        if let known = state.rooms[channel] { return (known, false) }
        let new = Room(deliver: deliver)
        state.rooms[channel] = new
        return (new, true)
      }
      if isNew { try subscription.add(channel) }
      return known
    }
    try known.listening.wait(until: .after(redis.configuration.timeout))
  }

  public func leave(_ room: String) {
    let channel = prefix + room
    changing.withLock { _ in
      let subscription = state.withLock { state in
        state.rooms[channel] = nil
        return state.subscription
      }
      try? subscription?.remove(channel)
    }
  }

  public func send(_ bytes: [UInt8], to room: String) throws { try redis.publish(prefix + room, bytes) }

  // MARK: Receiving

  private func subscription() throws -> RedisSubscription {
    try beginning.withLock { _ in
      if let known = state.withLock({ $0.subscription }) { return known }
      let new = try redis.subscribe()
      let executor = try Hub.current?.executor ?? TaskRuntime.home()
      state.withLock { $0.subscription = new }
      // It goes on when the fiber that begins it has ended, and whatever time that one has.
      let isTaken = withShield {
        executor.spawn(name: "rooms") { [weak self] in
          while true {
            do {
              let event = try new.nextEvent(until: .never)
              self?.handle(event)
            } catch is RedisError {
              // One channel is refused: who wants to listen to it is told so by the time that it takes. The others go on.
            } catch {
              return
            }
          }
        }
      }
      if !isTaken {
        state.withLock { $0.subscription = nil }
        throw HubError.ended
      }
      return new
    }
  }

  private func handle(_ event: RedisSubscription.Event) {
    switch event {
    case .message(let message): state.withLock { $0.rooms[message.channel] }?.deliver(message.bytes)
    case .subscribed(let channel): state.withLock { $0.rooms[channel] }?.listening.fulfil(())
    case .other: break
    }
  }
}
