import CProcess
import Glibc
import Green
import Logging
import SystemPackage

/// The master: listens, starts the workers and watches over them. Serves nothing itself.
///
/// One thread and one loop: wait for signals, for what starting workers have to say, and for the time when something
/// is due; tell ``WorkerLifecycle``; do what it says.
final class Arbiter {
  let configuration: Configuration
  let logger: Logger
  let hooks: MasterHooks
  private(set) var listeners: [BoundListener]
  let scoreboard: Scoreboard
  private let signals: Signals
  /// The master's end to the worker in each slot that has one.
  var handshakes: [Int: Handshake] = [:]
  private(set) var lifecycle: WorkerLifecycle
  /// The master that is to take this one's place, or whose place this one is to take.
  var relatives = MasterRelatives()
  /// What the workers of each generation run.
  var programs: [Int: WorkerProgram]
  /// The file with the master's number, where there is one.
  var pidFile: PidFile?
  /// What the service manager is told, where there is one.
  private var service: ServiceNotices?
  private var exitStatus: CInt?
  private var servesAlready = false
  private var memoryKills = MemoryKills()
  /// What has come and gone.
  var tally = Tally()
  /// Who asks how the server fares, where somebody may.
  let monitor: Monitor?
  /// Where the server speaks TLS.
  private var ticketKeys: TicketKeys?

  /// Takes over the process's signals. `predecessor` is the master whose place this one is to take. Throws ``SystemCallError``,
  /// `SignalError`, and ``MonitorFault`` and ``LogFault`` where it cannot be watched as the settings say.
  init(
    configuration: Configuration, listeners: [BoundListener], logger: Logger, hooks: MasterHooks,
    predecessor: Predecessor? = nil
  ) throws {
    self.hooks = hooks
    self.configuration = configuration
    self.listeners = listeners
    self.logger = logger
    programs = [0: try WorkerProgram.running(configuration)]
    do throws(Errno) {
      scoreboard = try Scoreboard.withRoom(for: configuration.workers, counts: configuration.isWatched)
    } catch {
      throw SystemCallError("memfd_create and mmap of the scoreboard", error)
    }
    if configuration.speaksTLS {
      ticketKeys = TicketKeys(on: scoreboard)
      if let known = predecessor?.scoreboard { ticketKeys?.takeOver(from: known, at: monotonicNanoseconds()) }
      ticketKeys?.renew(at: monotonicNanoseconds())
    }
    relatives.predecessor = predecessor?.handshake
    service = ServiceNotices.own(isSuccessor: predecessor != nil)
    signals = try Signals(([SIGCHLD] + Self.obeyed).map(Signal.init(rawValue:)))
    lifecycle = WorkerLifecycle(
      configuration.limits, abortLimit: Backtracer.isExpected ? 10_000_000_000 : 1_000_000_000,
      mostSlots: scoreboard.room, isSuccessor: predecessor != nil, hasTerminal: Terminal.isThere)
    monitor = try Monitor(configuration, isSuccessor: predecessor != nil)
  }

  /// Signals that are the lifecycle's.
  private static let obeyed = [SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2, SIGWINCH]

  /// Runs until the server has stopped. Returns the exit status.
  func run() -> CInt {
    perform(lifecycle.start(at: monotonicNanoseconds()))
    while true {
      if let exitStatus {
        monitor?.end()
        return exitStatus
      }
      let asked = wait()
      // What a worker said comes before its end.
      for slot in handshakes.keys.sorted() { hear(slot) }
      hearRelatives()
      while let signal = signals.take() { take(signal) }
      reap()
      for slot in 0..<scoreboard.count { tell(.heartbeat(slot: slot, at: scoreboard[slot].lastSign)) }
      tell(.tick)
      tellOthers()
      monitor?.turn(asked, self)
      ticketKeys?.renew(at: monotonicNanoseconds())
    }
  }

  /// Those who wait for the server to serve, and the service manager.
  private func tellOthers() {
    if lifecycle.someWereReady { BackgroundServer.reportServing() }
    service?.tell(lifecycle.serviceState, at: monotonicNanoseconds())
  }

  /// Before the workers do: what is new is theirs.
  private func reopenLogs() {
    ErrorLog.reopen()
    do {
      try configuration.openLogsForWorkers()
    } catch {
      logger.error("\(error)")
    }
  }

  /// Waits until something is to be done. Returns what came of it at the sockets of ``monitor``.
  private func wait() -> ArraySlice<pollfd> {
    var polled = [pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)]
    polled += (handshakes.values + relatives.all).map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    let own = polled.count
    if let monitor { polled += monitor.polled }
    var limit: CInt = -1
    let wakes = [lifecycle.nextWake, ticketKeys?.due, service?.due, monitor?.due]
    if let wake = wakes.compactMap({ $0 }).min() {
      let nanoseconds = max(0, wake - min(wake, monotonicNanoseconds()))
      limit = CInt(clamping: nanoseconds / 1_000_000 + 1)
    }
    _ = poll(&polled, nfds_t(polled.count), limit)
    // Far later than it asked: the whole server was stopped, by Ctrl-Z or a frozen container. The workers' heartbeats
    // are as old, and they too need a moment to wake.
    if let wake = lifecycle.nextWake, monotonicNanoseconds() - wake > 2_000_000_000 { _ = poll(nil, 0, 1000) }
    return polled[own...]
  }

  // MARK: Events

  func tell(_ event: WorkerLifecycle.Event) {
    perform(lifecycle.handle(event, at: monotonicNanoseconds()))
  }

  private func hear(_ slot: Int) {
    while let handshake = handshakes[slot] {
      switch handshake.receive() {
      case .nothing: return
      case .message(.ready):
        tell(.ready(slot: slot))
        noteReady()
      case .message(.failed(let reason)): tell(.startFailed(slot: slot, reason: reason))
      case .message(.due(let reason)): tell(.due(slot: slot, reason: reason))
      case .message(.files): break
      case .message(.answered(let order)): monitor?.orders.answered(order, by: slot)
      case .figures(let file):
        monitor?.figures.note(WorkerOrders.read(file), of: scoreboard[slot].pid)
        close(file)
      case .end:
        // Its end is told by SIGCHLD.
        handshake.close()
        handshakes[slot] = nil
      }
    }
  }

  /// A worker serves.
  private func noteReady() {
    if servesAlready { return }
    servesAlready = true
    relatives.tellPredecessor()
    call("onMasterReady", hooks.ready) { try $0() }
  }

  /// Does what a signal to the master asks for, whoever has given it.
  func take(_ signal: Signal) {
    if signal == .user1 { reopenLogs() }
    if signal == .hangup { service?.reloadBegins(at: monotonicNanoseconds()) }
    if Self.obeyed.contains(signal.rawValue) { tell(.signal(signal.rawValue)) }
  }

  private func reap() {
    while true {
      var status: CInt = 0
      let pid = waitpid(-1, &status, WNOHANG)
      if pid < 0 && errno == EINTR { continue }
      if pid <= 0 { return }
      var activity = ""
      var isWorker = false
      for slot in 0..<scoreboard.count where scoreboard[slot].pid == pid {
        scoreboard[slot].state = .gone
        isWorker = true
        activity = scoreboard[slot].activity
        // It may have said something since.
        hear(slot)
      }
      tally.ends += isWorker ? 1 : 0
      monitor?.figures.ended(pid)
      let ending = Ending(waitStatus: status)
      let forMemory = ending == .killed(signal: SIGKILL) ? memoryKills.takeOne(at: monotonicNanoseconds()) : nil
      tell(.ended(pid: pid, ending, during: activity, forMemory: forMemory))
      if isWorker { call("onWorkerExited", hooks.workerExited) { try $0(pid, "\(ending)") } }
    }
  }

  // MARK: Actions

  private func perform(_ actions: [WorkerLifecycle.Action]) {
    scoreboard.count = lifecycle.slotCount
    for action in actions {
      switch action {
      case .prepare(let generation): prepare(generation)
      case .spawn(let slot, let generation): spawn(slot, of: generation)
      case .kill(let pid, let signal): kill(pid, signal)
      case .log(let level, let text): logger.log(level: level, "\(text)")
      case .reportTimeout(let slot, let pid): reportTimeout(slot, pid)
      case .startSuccessor: startSuccessor()
      case .promote: promote()
      case .stopListening: stopListening()
      case .exit(let status):
        stopListening()
        exitStatus = status
      }
    }
    for (generation, program) in programs where !lifecycle.isInUse(generation) {
      program.close()
      programs[generation] = nil
    }
  }

  private func reportTimeout(_ slot: Int, _ pid: pid_t) {
    let activity = scoreboard[slot].activity
    logger.critical("WORKER TIMEOUT (pid:\(pid))\(activity.isEmpty ? "" : " in \(LogText.escaped(activity))")")
  }

  /// Workers keep their own descriptors until they have taken what is queued.
  private func stopListening() {
    scoreboard.announceStopping()
    for listener in listeners {
      if !lifecycle.sharesSockets { listener.removeFile() }
      listener.close()
    }
    listeners = []
  }
}
