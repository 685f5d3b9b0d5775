internal import SystemPackage

/// Has work that several ask for at once done once: the first who asks for a key starts it, those who come while it runs wait
/// for the same result. Nothing is kept: who comes after its end starts it anew. (Go calls it `singleflight`.)
///
/// ```swift
/// let users = SingleFlight<Int, User>()
/// let user = try users.value(for: 7) { try database.loadUser(7) }   // a hundred requests, one query
/// ```
///
/// The work runs in a fiber of its own on the hub of the first who asked, and inherits neither that one's deadline nor its
/// locals. So who is cancelled, or gives up, stops waiting and ends nothing for the others; the work is cancelled when nobody
/// waits for it any more. An error of it is thrown to all who wait. On a plain thread the first who asks does the work itself.
///
/// Fibers of several hubs and threads share one whose keys and values are `Sendable`.
public final class SingleFlight<Key: Hashable, Value> {
  private typealias Flight = SingleFlightWork<Value>

  // With the lock held, which may be held over a wait, since a key's own code is called. Unsafe: without Swift's check of
  // exclusive access, for which the lock stands.
  @exclusivity(unchecked) private var flights: [Key: Flight] = [:]
  @exclusivity(unchecked) private var process = ForkHandler.generation
  private let mutex: MutexPointer

  /// Nothing is under way.
  public init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: MutexCore())
  }

  deinit { mutex.deallocate() }

  /// The result of `body`, or that of another's call for the same key which is under way. Parks or blocks.
  ///
  /// - Parameters:
  ///   - key: what is asked for.
  ///   - deadline: when to stop waiting.
  ///   - body: the work. It runs at most once, and not at all where it is under way already.
  /// - Throws: what the work throws; `Errno.timedOut` at the deadline, `CancellationError` and ``TimeoutError`` as every wait;
  ///   `Errno.deadlock` where the work asks for its own result.
  public func value(for key: Key, until deadline: Deadline = .never, _ body: @escaping () throws -> Value) throws
    -> Value
  {
    let (flight, isNew) = try join(key)
    if isNew { start(flight, key, body) }
    do {
      try flight.promise.wait(until: deadline)
    } catch {
      leave(flight, key)
      throw error
    }
    return try flight.promise.settledValue()
  }

  /// Whether work for the key is under way.
  public func isUnderWay(_ key: Key) -> Bool { locked { flights[key] != nil } }

  /// Has the next who asks for the key start anew, whatever is under way: those who wait for that get its result.
  public func forget(_ key: Key) { locked { flights[key] = nil } }

  private func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    mutex.lock()
    defer { mutex.unlock() }
    if process != ForkHandler.generation {
      // What was under way when this process was forked is its parent's.
      process = ForkHandler.generation
      flights = [:]
    }
    return try body()
  }

  private func join(_ key: Key) throws -> (Flight, isNew: Bool) {
    try locked {
      if let flight = flights[key] {
        if let fiber = flight.fiber, fiber === Fiber.current { throw Errno.deadlock }
        flight.waiting += 1
        return (flight, false)
      }
      let flight = Flight()
      flights[key] = flight
      return (flight, true)
    }
  }

  private func start(_ flight: Flight, _ key: Key, _ body: @escaping () throws -> Value) {
    guard Hub.running != nil, let hub = Hub.current else { return end(flight, key, Result { try body() }) }
    do {
      let fiber = try Fiber.spawnAlone(on: hub, name: "single flight") {
        self.locked { flight.fiber = Fiber.current }
        self.end(flight, key, Result { try body() })
      }
      // It may not have begun when it is called off.
      locked { (flight.fiber, flight.door) = (fiber, hub.door) }
    } catch {
      end(flight, key, .failure(error))
    }
  }

  private func end(_ flight: Flight, _ key: Key, _ result: Result<Value, any Error>) {
    locked { if flights[key] === flight { flights[key] = nil } }
    flight.promise.fulfil(with: result)
  }

  /// One who waited stops waiting.
  private func leave(_ flight: Flight, _ key: Key) {
    let isLast = locked {
      flight.waiting -= 1
      guard flight.waiting == 0 else { return false }
      // From now on it has been called off, and nobody else is to get that.
      if flights[key] === flight { flights[key] = nil }
      return true
    }
    if isLast { flight.cancel() }
  }
}

extension SingleFlight: @unchecked Sendable where Key: Sendable, Value: Sendable {}

/// Work that is under way, and those who wait for it.
final class SingleFlightWork<Value>: @unchecked Sendable {
  let promise = Promise<Value>()
  // With the lock of their ``SingleFlight`` held.
  /// How many wait.
  var waiting = 1
  fileprivate var fiber: AnyFiber?
  fileprivate var door: Hub.Door?

  /// Once nobody waits, when the rest does not change any more.
  fileprivate func cancel() {
    guard let door, let fiber else { return }
    if door.isHere { return fiber.cancel() }
    door.post { self.fiber?.cancel() }
  }
}
