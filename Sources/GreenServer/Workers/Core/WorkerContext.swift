import CFiber
import CInspect
import CProcess
import Glibc
import Green
import GreenHTTP
import Logging
import Synchronization
import SystemPackage

/// What a worker process works with, whatever its class.
final class WorkerContext {
  let configuration: Configuration
  let application: any Application
  let logger: Logger
  let scoreboard: Scoreboard
  /// The worker's own slot, and its index.
  let slot: ScoreboardSlot
  let index: Int
  /// The descriptors that listen.
  let listeners: [CInt]
  let accessLog: AccessLog?
  /// What counts requests; `nil` where nobody asks for figures.
  let meter: RequestMeter?
  /// Whether somebody wants to know of each answer.
  let wantsAccess: Bool
  /// How often refused requests are logged.
  let refusals = Green.Mutex(LogRate())
  let http: HTTPConfiguration
  /// How often the worker beats at the least: four times in the time after which its silence is taken for death.
  let beatInterval: Duration
  /// How much the worker serves.
  let quota: WorkerQuota
  /// Whether somebody may ask what requests are in progress.
  let isWatched: Bool
  /// What connections begin with before HTTP; `nil` for nothing.
  let opening: ConnectionOpening?
  /// Those that ask the worker for something.
  let signals: Signals
  /// Called before a worker leaves that was asked to.
  var onStop: [@Sendable (Deadline) -> Void] = []
  /// What the application has lost without which it serves nobody.
  private(set) var loss: WorkerEnd?
  /// When the graceful timeout is over, once the worker was asked to stop.
  var stopDeadline: Deadline?
  /// Connections that speak another protocol.
  let handedOver = HandedOverConnections()
  /// Connections that have ended and may still be sent to.
  let lingering = LingerList()
  /// Set when a connection has ended while the worker's loop wants to know.
  let room: EventDescriptor
  private let asksToClose = Atomic<Bool>(false)
  let handshake: Handshake
  private var turn = AcceptTurn()
  /// Why the latest connection could not be accepted. It is logged when it begins, and not for each attempt.
  private var acceptFault: Errno?

  /// Takes over the signals that stop a worker. Throws `Errno`.
  init(
    _ inheritance: Inheritance, configuration: Configuration, application: any Application, logger: Logger
  ) throws {
    self.configuration = configuration
    self.application = application
    self.logger = logger
    scoreboard = try Scoreboard(inherited: inheritance.scoreboard)
    guard inheritance.slot < scoreboard.room else { throw Errno.invalidArgument }
    index = inheritance.slot
    slot = scoreboard[index]
    listeners = inheritance.listeners
    room = try EventDescriptor()
    handshake = Handshake(descriptor: inheritance.handshake)
    accessLog = try AccessLog(configuration, logger: logger)
    meter = try RequestMeter(configuration, scoreboard.metrics(at: index))
    wantsAccess = accessLog != nil || meter != nil
    http = configuration.http
    quota = WorkerQuota(configuration)
    beatInterval = configuration.beatInterval
    isWatched = configuration.controlSocket != nil
    let scoreboard = scoreboard
    opening = ConnectionOpening(http, security: try configuration.security { scoreboard.ticketKeys })
    signals = try Signals(.terminate, .interrupt, .quit, .user1)
    // Never let go of: what one of them did before is not to happen while the process ends.
    _ = Unmanaged.passRetained(signals)
    reportAborts()
    try scoreboard.own(with: [inheritance.handshake, inheritance.scoreboard] + inheritance.listeners)
  }

  /// The listeners are about to be closed. Their numbers will be those of files that a request opens, and a child that it
  /// forks keeps them.
  func disownListeners() { scoreboard.keepOwn(2) }

  /// Ends a child that the application has forked, and which has come back from there to the server's own code: the
  /// connection, the listeners and the request are its parent's, who goes on with them.
  @inline(__always)
  func endIfChild() { if cprocess_worker_is_child() != 0 { _exit(0) } }

  /// Readable when the master is gone.
  var masterDescriptor: CInt { handshake.descriptor }

  /// The worker serves from now on, so many connections at once.
  func reportReady(capacity: Int) {
    slot.capacity = capacity
    slot.activity = ""
    slot.beat()
    slot.state = .ready
    try? handshake.send(.ready)
  }

  /// Has the worker end, which has lost something without which it serves nobody. Only on its loop's thread.
  func lose(_ service: String, reason: String) {
    if loss == nil { loss = .lost(service: service, reason: reason) }
    room.set()
  }

  /// Whether each answer shall be its connection's last: others wait for its place, or the worker drains. Any thread may
  /// ask.
  var closesConnections: Bool {
    get { asksToClose.load(ordering: .relaxed) }
    set { asksToClose.store(newValue, ordering: .sequentiallyConsistent) }
  }

  /// A connection has been served. Any thread may call it.
  func ended(_ connection: WorkerConnection, isStillSending: Bool) {
    connection.finish()
    let socket = connection.socket
    if isStillSending { lingering.add(socket) } else { socket.close() }
    leftPlace(wakes: isStillSending)
  }

  /// A connection has given up its place, by ending or otherwise. Any thread may call it.
  func leftPlace(wakes: Bool = false) {
    slot.countClosed()
    if wakes || closesConnections { room.set() }
  }

  /// Whether the worker should leave a connection that is there to its siblings for a moment.
  func yieldsTurn() -> Bool {
    scoreboard.count > 1
      && turn.yields(slot.seat, to: scoreboard.siblings(of: index), at: monotonicNanoseconds())
  }

  /// Whether the worker should serve what it has accepted before it takes more.
  var isAhead: Bool { scoreboard.count > 1 && AcceptTurn.isAhead(slot.seat, of: scoreboard.siblings(of: index)) }

  /// Takes a connection that waits; `nil` when there is none. Where the process can open no more, says so once and pauses,
  /// so that the worker does more than try: it goes on when others have ended.
  ///
  /// Throws ``WorkerEnd/lost(service:reason:)`` where the listener is gone for good.
  func accept(_ listener: Listener) throws -> Socket? {
    do {
      let socket = try listener.acceptWaiting()
      if socket != nil { acceptFault = nil }
      return socket
    } catch Errno.badFileDescriptor, Errno.notSocket, Errno.invalidArgument, Errno.notSupportedOnSocket {
      throw WorkerEnd.lost(service: "accept", reason: "the listener is closed")
    } catch {
      let fault = error as? Errno
      if fault == nil || fault != acceptFault { logger.error("Cannot accept a connection: \(error)") }
      acceptFault = fault
      try? Fiber.sleep(for: .milliseconds(100))
      return nil
    }
  }

  /// Whether the system has refused the last connection that this worker tried to take.
  var isRefusedConnections: Bool { acceptFault != nil }

  /// Whether it is not only this worker that has been asked to stop: then nobody else will take what is queued. A
  /// signal to the whole process group may come a moment before the master has said so.
  func isWholeServerStopping() -> Bool {
    for _ in 0..<10 where !scoreboard.isStopping { try? Fiber.sleep(for: .milliseconds(10)) }
    return scoreboard.isStopping
  }

  /// How many connections wait at a listener: what the whole server still takes when it stops. Those that come later
  /// find the door closing; taking them too, it would never end under load.
  func queued(at listener: Listener) -> Int {
    let count = Int(cprocess_listener_queued(listener.descriptor))
    return count < 0 ? configuration.backlog : count
  }

  /// Whether a sibling could take a connection for which this worker has no room.
  var siblingIsFree: Bool { scoreboard.siblings(of: index).contains(where: \.takesPart) }

  /// On a crash, and on SIGABRT, which the master sends to a worker that shows no sign of life: the name of the fiber
  /// that runs, or what the thread has noted; and its calls, where Swift's backtracer does not tell them.
  private func reportAborts() {
    let name = MemoryLayout<cfiber_fiber>.offset(of: \.name) ?? 0
    cprocess_abort_report(
      slot.pointer, { UnsafeRawPointer(cfiber_current()) }, name,
      Backtracer.isDecided ? nil : { cinspect_tell_interrupted("this worker is ended by a signal", $0) })
  }
}

extension Configuration {
  /// How often a worker shows that it lives.
  var beatInterval: Duration { self.timeout == .zero ? .seconds(1) : min(.seconds(1), self.timeout / 4) }

  /// How connections are served, as GreenHTTP takes it.
  var http: HTTPConfiguration {
    var http = HTTPConfiguration()
    http.keepAlive = self.keepAlive
    http.allowsKeepAlive = effectiveWorkerClass != .sync
    http.requestTimeout = self.requestTimeout
    if speaksHTTP2 { http.http2 = http2 }
    http.concurrentStreams = self.concurrentStreams
    http.isolation = FiberIsolation.refusal == nil ? self.handlerIsolation : .shared
    limitHeads(&http.limits)
    http.limits.body = self.requestBodyLimit
    http.limits.minimumRate = self.minimumRate
    http.proxies.forwardedFrom = self.forwardedAllowIPs
    http.proxies.proxyProtocol = self.proxyProtocol
    http.proxies.proxyProtocolFrom = self.proxyAllowIPs
    return http
  }

  private func limitHeads(_ limits: inout HTTPLimits) {
    let most = self.headLimit == 0 ? 1 << 24 : self.headLimit
    let (line, field) = (self.requestLineLimit, self.requestFieldLimit)
    // A line and a field that are allowed fit, with their ends.
    limits.head = max(most, line + field + 4)
    limits.requestLine = line == 0 ? limits.head : line
    limits.fieldLine = field == 0 ? limits.head : field
    limits.fields = self.requestFieldCountLimit == 0 ? 32_768 : self.requestFieldCountLimit
  }
}
