internal import Green
internal import GreenTasks
public import GreenWeb

/// Takes the messages of `Rooms` to all workers on all machines, by Redis's publish and subscribe, on one connection a
/// worker. Each `Rooms` has a relay of its own.
///
/// While that connection is lost, what is said is not heard by this worker's members.
public final class RedisRelay: RoomRelay {
  private struct State {
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

  /// - Parameters:
  ///   - redis: what takes the messages.
  ///   - prefix: what the names of channels begin with.
  public init(_ redis: Redis, prefix: String = "room:") { (self.redis, self.prefix) = (redis, prefix) }

  deinit { state.withLock { $0.subscription }?.close() }

  public func listen(to room: String, _ deliver: @escaping @Sendable ([UInt8]) -> Void) throws {
    let subscription = try subscription()
    let (known, isNew) = state.withLock { state -> (Room, Bool) in
      if let known = state.rooms[room] { return (known, false) }
      let new = Room(deliver: deliver)
      state.rooms[room] = new
      return (new, true)
    }
    if isNew { try subscription.add(prefix + room) }
    try known.listening.wait(until: .after(redis.configuration.timeout))
  }

  public func leave(_ room: String) {
    let subscription = state.withLock { state in
      state.rooms[room] = nil
      return state.subscription
    }
    try? subscription?.remove(prefix + room)
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
      withShield {
        executor.spawn(name: "rooms") { [weak self] in
          while let event = try? new.nextEvent(until: .never) { self?.handle(event) }
        }
      }
      return new
    }
  }

  private func handle(_ event: RedisSubscription.Event) {
    switch event {
    case .message(let message):
      let room = String(message.channel.dropFirst(prefix.count))
      state.withLock { $0.rooms[room] }?.deliver(message.bytes)
    case .subscribed(let channel):
      state.withLock { $0.rooms[String(channel.dropFirst(prefix.count))] }?.listening.fulfil(())
    case .other: break
    }
  }
}
