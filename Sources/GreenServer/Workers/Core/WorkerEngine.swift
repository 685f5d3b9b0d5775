import Green
import GreenHTTP

/// What differs between the worker classes: where a connection is served. The rest is ``WorkerCore``'s.
protocol WorkerEngine: AnyObject {
  /// How many connections can be served at once. Known once the engine has been started.
  var capacity: Int { get }
  /// Whether several connections may be taken in one go.
  var takesSeveral: Bool { get }

  /// Is called before the application's preparations.
  func prepare()
  /// Makes what it takes to serve. Throws what the system refuses.
  func start() throws
  /// Serves a connection, which has been counted; by its end calls ``WorkerContext/ended(_:isStillSending:)``. Returns when
  /// the next connection may be taken.
  func serve(_ socket: Socket)
  /// Ends the connection that has waited for a request for longest, and for at least so many nanoseconds; of those that
  /// have not sent anything yet, or a part of a head, only after half a second. False where there is none.
  func endIdle(patience: Int64) -> Bool

  /// Tells connections that speak another protocol that the worker stops. Each may wait for its client; this returns at once.
  func give(_ notices: [StopNotice])

  /// One more descriptor that ends a wait of the loop; -1 for none.
  var watched: CInt { get }
  /// By when ``attend()`` is to be called again.
  var attention: Deadline { get }
  /// Is called whenever the loop has waited.
  func attend()
  /// Whether there are connections that have no place, and go on when their clients send something.
  var hasResting: Bool { get }
  func endResting()

  /// Whether requests go on, as far as the calling loop cannot tell by being there.
  var isAlive: Bool { get }
  /// Notes on the scoreboard what has been running for longest, where requests do not go on.
  func noteActivity()
  /// Does what the master asks for, and answers at once or later.
  func obey(_ order: WorkerOrder)
  /// Calls what has to be done before the worker ends, which may take long.
  func finish(_ body: () -> Void)
}

extension WorkerEngine {
  func prepare() {}
  func start() {}
  func give(_ notices: [StopNotice]) {}
  var watched: CInt { -1 }
  var attention: Deadline { .never }
  func attend() {}
  var hasResting: Bool { false }
  func endResting() {}
  var isAlive: Bool { true }
  func noteActivity() {}
  func finish(_ body: () -> Void) { body() }
}
