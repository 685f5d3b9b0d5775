internal import Green
internal import GreenHTTP
internal import HTTPTypes

/// A request's body as far as it has come: what nobody has read yet, which the flow control bounds.
struct IncomingData {
  private let limits: HTTPLimits
  private var bytes: [UInt8] = []
  /// Where in ``bytes`` the unread ones begin.
  private var start = 0
  /// How many have come, of those that count.
  private var total = 0
  private var declared: Int?
  /// How many there may be; 0 for any number.
  private var limit = 0
  /// Whether there is no more to come.
  private(set) var hasEnded = false
  private(set) var failure: (any Error)?
  private(set) var trailers: HTTPFields?
  /// Whether the client waits for `100 (Continue)`.
  var awaitsContinue = false
  /// Set while there is something to read, or to know. Made when somebody waits.
  private(set) var arrived: Event?
  /// How fast the client must send. Made when somebody waits.
  private(set) var pace: Pace?
  /// Whether the client has been given more room, as somebody reads.
  var isWide = false
  /// Until when what comes is thrown away, after the answer.
  private var discardedUntil: Deadline?

  init(_ limits: HTTPLimits) { self.limits = limits }

  /// - Parameter declared: the length that the head says; `nil` where a body comes without.
  mutating func begin(declared: Int?, limit: Int, awaitsContinue: Bool) {
    self.declared = declared
    self.limit = limit
    hasEnded = declared == 0
    self.awaitsContinue = awaitsContinue
  }

  /// Whether the head says that there are more than there may be.
  var isDeclaredTooLong: Bool { limit > 0 && declared ?? 0 > limit }

  /// How many bytes can be read at once.
  var count: Int { bytes.count - start }

  // MARK: What comes

  mutating func append(_ piece: UnsafeRawBufferPointer) {
    total += piece.count
    // A length that was declared has been looked at.
    if declared == nil && limit > 0 && total > limit {
      return fail(HTTPError(.contentTooLarge, "the body of the request is too long"))
    }
    bytes += piece
    arrived?.set()
  }

  mutating func end(trailers: HTTPFields?) {
    hasEnded = true
    self.trailers = trailers
    arrived?.set()
  }

  mutating func fail(_ error: any Error) {
    if !hasEnded && failure == nil { failure = error }
    arrived?.set()
  }

  // MARK: What is read

  /// Moves some bytes into `buffer`, and says how many.
  mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let taken = min(count, buffer.count)
    bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + taken])) }
    start += taken
    if start == bytes.count {
      start = 0
      bytes.removeAll(keepingCapacity: true)
    }
    return taken
  }

  /// Forgets what has not been read, and says how much it was.
  mutating func takeAll() -> Int {
    defer { (bytes, start) = ([], 0) }
    return count
  }

  /// What to wait for where there is nothing to read.
  mutating func prepareToWait() -> Event {
    let event = arrived ?? Event()
    event.clear()
    arrived = event
    return event
  }

  mutating func makePace() -> Pace {
    let pace = Pace(patience: limits.bodyDeadline, rate: limits.minimumRate)
    self.pace = pace
    return pace
  }

  // MARK: What nobody reads

  /// The longest rest of a body that is taken after the answer, as of HTTP/1.
  private static var mostDiscarded: Int { 65_536 }

  /// From now on what comes is thrown away. False where more may come than is worth it.
  mutating func discard() -> Bool {
    let left = declared.map { $0 - total } ?? .max
    discardedUntil = .after(limits.bodyDeadline)
    total = 0
    return left <= Self.mostDiscarded
  }

  var isDiscarded: Bool { discardedUntil != nil }
  var isDiscardedTooLong: Bool { discardedUntil?.hasPassed ?? false }

  /// Throws a piece away. False where there have been more than is worth it.
  mutating func discard(_ count: Int) -> Bool {
    total += count
    return total <= Self.mostDiscarded
  }
}
