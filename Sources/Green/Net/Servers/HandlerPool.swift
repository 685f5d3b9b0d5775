internal import SystemPackage

/// How many handlers of a server run, and who waits for one of them to end.
final class HandlerPool {
  let limit: Int
  private(set) var running = 0
  private var handlers: [ObjectIdentifier: AnyFiber] = [:]
  private var isClosed = false
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

  /// Waits until the fiber that takes what comes has ended, and after it the handlers. Where one of the two goes wrong, or nobody
  /// waits any more, `stop` is called: a server does not go on by itself.
  func wait(for taking: Fiber<Void>?, orStop stop: () throws -> Void) throws {
    do {
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
