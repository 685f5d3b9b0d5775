import CFiber
import CProcess
import Glibc
import Green
import GreenHTTP
import Logging
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
  let listeners: [ListeningSocket]
  let accessLog: AccessLog?
  /// How often refused requests are logged.
  let refusals = Mutex(LogRate())
  let http: HTTPConfiguration
  /// Where signals can be read as bytes.
  let signals: SignalPipe
  /// Called before a worker leaves that was asked to.
  var onStop: [@Sendable (Deadline) -> Void] = []
  /// When the graceful timeout is over, once the worker was asked to stop.
  var stopDeadline: Deadline?
  private let handshake: Handshake
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
    guard inheritance.slot < scoreboard.count else { throw Errno.invalidArgument }
    index = inheritance.slot
    slot = scoreboard[index]
    listeners = inheritance.listeners.map(ListeningSocket.init(inherited:))
    handshake = Handshake(descriptor: inheritance.handshake)
    accessLog = try configuration.accessLog.map { try AccessLog($0, logger: logger) }
    http = configuration.http
    signals = try SignalPipe([SIGTERM, SIGINT, SIGQUIT])
    reportAborts()
    try scoreboard.own(with: [inheritance.handshake, inheritance.scoreboard] + inheritance.listeners)
  }

  /// Ends a child that the application has forked, and which has come back from there to the server's own code: the
  /// connection, the listeners and the request are its parent's, who goes on with them.
  @inline(__always)
  func endIfChild() { if green_worker_is_child() != 0 { _exit(0) } }

  /// Readable when the master is gone.
  var masterDescriptor: CInt { handshake.descriptor }

  /// Whether the master has ended.
  var isOrphaned: Bool { handshake.receive() == .end }

  /// The worker serves from now on.
  func reportReady() {
    slot.isFree = true
    slot.activity = ""
    slot.beat()
    slot.state = .ready
    try? handshake.send(.ready)
  }

  /// Ends a worker that cannot start.
  func fail(_ reason: String) -> Never {
    try? handshake.send(.failed(reason: reason))
    leave(status: 3)
  }

  /// Ends a worker that has lost one of the services without which it serves nobody.
  func lose(_ service: String, _ reason: String) -> Never {
    endIfChild()
    let text = "its service '\(service)' failed: \(reason)"
    if slot.state == .starting { fail(text) }
    logger.critical("Worker (pid:\(getpid())) ends: \(text)")
    leave(status: 1)
  }

  /// Ends the worker: unless it is quick, when what is to be done before has been done, or the graceful timeout is over.
  func leave(status: CInt, isQuick: Bool = false) -> Never {
    endIfChild()
    slot.isFree = false
    let deadline = stopDeadline ?? .after(configuration.gracefulTimeout)
    if status == 0 && !isQuick {
      for hook in onStop {
        hook(deadline)
        endIfChild()
      }
    }
    accessLog?.reportLosses()
    // The hub ends with the process, and would not tell by itself.
    Hub.current?.endStackCensus()
    let omitted = refusals.withLock { $0.takeOmitted() }
    if omitted > 0 { logger.warning("\(omitted) more invalid requests were not logged") }
    logger.info("Worker exiting (pid: \(getpid()))")
    exit(status)
  }

  /// How often the worker beats at the least: four times in the time after which its silence is taken for death.
  var beatInterval: Duration {
    configuration.timeout == .zero ? .seconds(1) : min(.seconds(1), configuration.timeout / 4)
  }

  /// ``beatInterval`` as `poll(2)` takes it.
  var beatMilliseconds: CInt { max(1, CInt(clamping: beatInterval.wholeNanoseconds / 1_000_000)) }

  /// Whether the worker should leave a connection that is there to its siblings for a moment.
  func yieldsTurn() -> Bool {
    scoreboard.count > 1
      && turn.yields(slot.seat, to: scoreboard.siblings(of: index), at: monotonicNanoseconds())
  }

  /// Whether the worker should serve what it has accepted before it takes more.
  var isAhead: Bool { scoreboard.count > 1 && AcceptTurn.isAhead(slot.seat, of: scoreboard.siblings(of: index)) }

  /// Takes a connection that waits; `nil` when there is none. Where the process can open no more, says so once and pauses,
  /// so that the worker does more than try: it goes on when others have ended.
  func accept(_ listener: Listener) -> Socket? {
    do {
      let socket = try listener.acceptWaiting()
      if socket != nil { acceptFault = nil }
      return socket
    } catch Errno.badFileDescriptor, Errno.notSocket, Errno.invalidArgument, Errno.notSupportedOnSocket {
      // The listener is gone for good.
      lose("accept", "the listener is closed")
    } catch {
      let fault = error as? Errno
      if fault == nil || fault != acceptFault { logger.error("Cannot accept a connection: \(error)") }
      acceptFault = fault
      try? Fiber.sleep(for: .milliseconds(100))
      return nil
    }
  }

  /// Whether it is not only this worker that has been asked to stop: then nobody else will take what is queued. A
  /// signal to the whole process group may come a moment before the master has said so.
  func isWholeServerStopping() -> Bool {
    for _ in 0..<10 where !scoreboard.isStopping { try? Fiber.sleep(for: .milliseconds(10)) }
    return scoreboard.isStopping
  }

  /// How many connections wait at a listener: what the whole server still takes when it stops. Those that come later
  /// find the door closing; taking them too, it would never end under load.
  func queued(at listener: Listener) -> Int {
    let count = Int(green_listener_queued(listener.descriptor))
    return count < 0 ? configuration.backlog : count
  }

  /// Whether a sibling could take a connection for which this worker has no room.
  var siblingIsFree: Bool { scoreboard.siblings(of: index).contains(where: \.takesPart) }

  /// On a crash, and on SIGABRT, which the master sends to a worker that shows no sign of life: the name of the fiber
  /// that runs, or what the thread has noted.
  private func reportAborts() {
    let name = MemoryLayout<green_fiber>.offset(of: \.name) ?? 0
    green_abort_report(slot.pointer, { UnsafeRawPointer(green_current()) }, name)
  }
}

extension Configuration {
  /// How connections are served, as GreenHTTP takes it.
  var http: HTTPConfiguration {
    var http = HTTPConfiguration()
    http.keepAlive = self.keepAlive
    http.allowsKeepAlive = effectiveWorkerClass != .sync
    http.limits.body = self.requestBodyLimit
    http.limits.minimumRate = self.minimumRate
    return http
  }
}
