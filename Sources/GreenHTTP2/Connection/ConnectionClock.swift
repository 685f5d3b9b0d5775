internal import Green
internal import GreenHTTP

/// When a connection has to look after something besides what comes: the end of its idle time, a head that does not come to
/// its end, clients that do not read.
struct ConnectionClock {
  private let idleTime: Duration
  private let headTime: Duration
  /// By when a request must have begun, while none is in progress.
  private var idleDeadline = Deadline.never
  /// By when the head that has begun must be whole.
  private(set) var headDeadline = Deadline.never
  private var nextSweep = Deadline.after(interval)
  private(set) var isIdle = false
  private var hasServed = false

  /// How often the requests in progress are looked at.
  static var interval: Duration { .seconds(1) }
  /// How often at a connection that ends.
  private static var intervalAtEnd: Duration { .milliseconds(50) }
  /// How long clients may go on to make requests that have been told that the connection ends.
  static var patienceAtEnd: Duration { .milliseconds(100) }

  init(_ configuration: HTTPConfiguration) {
    headTime = configuration.limits.headDeadline
    idleTime = configuration.keepAlive
  }

  mutating func becameIdle() {
    isIdle = true
    // Without keep-alive there is only the first request to wait for.
    let time = idleTime > .zero ? idleTime : hasServed ? .zero : headTime
    idleDeadline = .after(time)
    nextSweep = .never
  }

  mutating func becameBusy() {
    isIdle = false
    idleDeadline = .never
    nextSweep = .after(Self.interval)
  }

  mutating func headBegan() {
    headDeadline = .after(headTime)
    hasServed = true
  }
  mutating func headEnded() { headDeadline = .never }
  mutating func swept() { nextSweep = .after(Self.interval) }

  var hasIdledTooLong: Bool { isIdle && idleDeadline.hasPassed }

  /// Until when may be received without a look at anything else.
  func nextLook(_ ending: HTTP2Connection.Ending) -> Deadline {
    switch ending {
    case .no: min(idleDeadline, nextSweep, headDeadline)
    case .announced: min(idleDeadline, headDeadline, .after(Self.intervalAtEnd))
    // There is nothing more to do about a connection that has been idle for too long.
    case .final: min(headDeadline, .after(Self.intervalAtEnd))
    }
  }

  func isLookDue(_ ending: HTTP2Connection.Ending) -> Bool {
    if case .no = ending { return min(idleDeadline, nextSweep, headDeadline).hasPassed }
    return true
  }
}
