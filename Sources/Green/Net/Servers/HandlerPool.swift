internal import SystemPackage

/// How many handlers of a server run, who waits for one of them to end, and what has ended the taking of what they handle.
final class HandlerPool {
  let limit: Int
  private(set) var running = 0
  private var handlers: [ObjectIdentifier: AnyFiber] = [:]
  private var isClosed = false
  /// The fiber that takes what comes.
  private var taking: Fiber<Void>?
  /// How many wait for the server's end.
  private var waiting = 0
  /// What ended the taking for good while nobody did.
  private var failure: (any Error)?
  private let room = HubWaitList()
  private let emptiness = HubWaitList()
  private let relief = HubWaitList()

  init(limit: Int) { self.limit = max(1, limit) }

  /// Parks until another handler may begin, or until none is to begin any more.
  func waitForRoom() throws {
    while running >= limit && !isClosed { try room.wait() }
  }

  /// Parks while something is short: for `duration`, or until a handler has ended, which may have given back what is.
  func waitForRelief(_ duration: Duration) throws {
    if isClosed { return }
    do {
      try relief.wait(until: .after(duration))
    } catch Errno.timedOut {}
  }

  /// Lets those go on that wait to begin a handler.
  func close() {
    isClosed = true
    room.wakeAll()
    relief.wakeAll()
  }

  /// Parks until no handler runs.
  func waitUntilEmpty(until deadline: Deadline) throws {
    while running > 0 { try emptiness.wait(until: deadline) }
  }

  /// Begins to take what comes, in a fiber of the calling hub, unless that has begun. What ends it for good goes to `tell` where
  /// nobody waits to hear of it. That the hub ends is no fault.
  func begin(
    _ name: String, told tell: @escaping (ServerFault) -> Void, _ take: @escaping () throws -> Void
  ) throws {
    if taking != nil { return }
    taking = try Fiber<Void>.make(name: name) {
      do {
        try take()
      } catch let error where self.waiting == 0 && !(error is CancellationError) {
        self.failure = error
        tell(.ended(error))
      }
    }
  }

  /// Waits until nothing is taken any more, and then until no handler runs. Where one of the two goes wrong, or has, or nobody
  /// waits any more, `stop` is called: a server does not go on by itself.
  func wait(orStop stop: () throws -> Void) throws {
    waiting += 1
    defer { waiting -= 1 }
    do {
      if let failure { throw failure }
      try taking?.value
      try waitUntilEmpty(until: .never)
    } catch {
      try? Hub.shielded { try stop() }
      throw error
    }
  }

  /// A handler's fiber has been made. Its end is the fiber's, whether its function was run or not: one that is cancelled
  /// before it begins never is.
  func began(_ handler: AnyFiber, atEnd: @escaping () -> Void = {}) {
    running += 1
    handlers[ObjectIdentifier(handler)] = handler
    handler.whenFinished {
      atEnd()
      self.ended($0)
    }
  }

  /// Tells the handlers that are still there to end.
  func cancelAll() {
    // In the order in which they came: that of a dictionary is another in each process.
    for handler in handlers.values.sorted(by: { $0.id < $1.id }) { handler.cancel() }
  }

  private func ended(_ handler: AnyFiber) {
    running -= 1
    handlers[ObjectIdentifier(handler)] = nil
    room.wakeFirst()
    relief.wakeAll()
    if running == 0 { emptiness.wakeAll() }
  }
}

/// The pauses between attempts while something is short: each twice as long as the one before.
struct BackOff {
  private static let shortest = Duration.milliseconds(10)
  private static let longest = Duration.seconds(1)
  private var next = shortest

  /// Whether nothing has been short since the last success.
  var isFresh: Bool { next == Self.shortest }

  mutating func pause() -> Duration {
    defer { next = min(next * 2, Self.longest) }
    return next
  }

  mutating func reset() { next = Self.shortest }
}
