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
  /// Those that may have come before there was anybody to obey them.
  private let requests: Signals
  /// The master's end to the worker in each slot that has one.
  var handshakes: [Int: Handshake] = [:]
  var lifecycle: WorkerLifecycle
  /// The master that is to take this one's place, or whose place this one is to take.
  var relatives = MasterRelatives()
  /// What the workers of each generation run.
  var programs: [Int: WorkerProgram]
  /// The generation that is to come when its application has been loaded.
  var coming: (generation: Int, configuration: Configuration)?
  /// The file with the master's number, where there is one.
  var pidFile: PidFile?
  /// What the service manager is told, where there is one.
  var service: ServiceNotices?
  private var exitStatus: CInt?
  /// How many workers there are to be, as the hooks know it.
  private var knownWanted: Int
  var servesAlready = false
  var memoryKills = MemoryKills()
  /// What has come and gone.
  var tally = Tally()
  /// Who asks how the server fares, where somebody may.
  let monitor: Monitor?
  /// Where the server speaks TLS.
  private var ticketKeys: TicketKeys?
  /// Where the sources of the program are followed.
  let sourceReload: SourceReload?

  /// Takes over the process's signals, those of ``awaitRequests()`` from `requests`. `predecessor` is the master whose
  /// place this one is to take. Throws ``SystemCallError``, `SignalError`, and ``MonitorFault``, ``LogFault`` and
  /// ``ReloadFault`` where it cannot be watched, or watch, as the settings say.
  init(
    configuration: Configuration, listeners: [BoundListener], logger: Logger, hooks: MasterHooks,
    program: WorkerProgram? = nil, predecessor: Predecessor? = nil, requests: Signals
  ) throws {
    self.hooks = hooks
    self.requests = requests
    self.configuration = configuration
    knownWanted = configuration.workers
    self.listeners = listeners
    self.logger = logger
    // Before the programs, whose workers are to know of it.
    sourceReload = try SourceReload(configuration, logger)
    programs = [0: try program ?? WorkerProgram.running(configuration)]
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
    signals = try Signals(([SIGCHLD] + Self.ending).map(Signal.init(rawValue:)))
    lifecycle = WorkerLifecycle(
      configuration.limits,
      abortLimit: Backtracer.isExpected(of: configuration.workerImage) ? 10_000_000_000 : 1_000_000_000,
      mostSlots: scoreboard.room, isSuccessor: predecessor != nil, hasTerminal: Terminal.isThere)
    monitor = try Monitor(configuration, isSuccessor: predecessor != nil)
  }

  /// Signals that are the lifecycle's.
  static let obeyed = ending + [SIGHUP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2, SIGWINCH]
  private static let ending = [SIGTERM, SIGINT, SIGQUIT]

  /// Takes over the signals by which somebody asks a server for something else than its end. Who has its number, by the file for
  /// it or otherwise, may send them before it serves: they would end the process.
  static func awaitRequests() throws(SignalError) -> Signals {
    try Signals(obeyed.filter { !ending.contains($0) }.map(Signal.init(rawValue:)))
  }

  /// Runs until the server has stopped. Returns the exit status.
  func run() -> CInt {
    perform(lifecycle.start(at: monotonicNanoseconds()))
    while true {
      if let exitStatus {
        monitor?.end()
        sourceReload?.end()
        return exitStatus
      }
      let asked = wait()
      // What a worker said comes before its end.
      for slot in handshakes.keys.sorted() { hear(slot) }
      hearRelatives()
      hearForkServer()
      while let signal = signals.take() ?? requests.take() { take(signal) }
      reap()
      for slot in 0..<scoreboard.count { tell(.heartbeat(slot: slot, at: scoreboard[slot].lastSign)) }
      tell(.tick)
      tellOthers()
      monitor?.turn(asked, self)
      followSources()
      ticketKeys?.renew(at: monotonicNanoseconds())
    }
  }

  /// Those who wait for the server to serve, and the service manager.
  private func tellOthers() {
    if lifecycle.someWereReady { BackgroundServer.reportServing() }
    service?.tell(lifecycle.serviceState, at: monotonicNanoseconds())
  }

  /// Waits until something is to be done. Returns what came of it at the sockets of ``monitor``.
  private func wait() -> ArraySlice<pollfd> {
    var polled = [signals, requests].map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    polled += (handshakes.values + relatives.all).map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    if let coming, let forkServer = programs[coming.generation]?.forkServer {
      polled.append(pollfd(fd: forkServer.descriptor, events: Int16(POLLIN), revents: 0))
    }
    let sources = lifecycle.isRunning ? sourceReload : nil
    polled += sources?.polled ?? []
    let own = polled.count
    if let monitor { polled += monitor.polled }
    var limit: CInt = -1
    let logDue = LossySocket.hasRest ? monotonicNanoseconds() + 1_000_000_000 : nil
    let wakes = [lifecycle.nextWake, ticketKeys?.due, service?.due, monitor?.due, sources?.due, logDue]
    if let wake = wakes.compactMap({ $0 }).min() {
      let nanoseconds = max(0, wake - min(wake, monotonicNanoseconds()))
      limit = CInt(clamping: nanoseconds / 1_000_000 + 1)
    }
    _ = poll(&polled, nfds_t(polled.count), limit)
    LossySocket.flushAll()
    // Far later than it asked: the whole server was stopped, by Ctrl-Z or a frozen container. The workers' heartbeats
    // are as old, and they too need a moment to wake.
    if let wake = lifecycle.nextWake, monotonicNanoseconds() - wake > 2_000_000_000 { _ = poll(nil, 0, 1000) }
    return polled[own...]
  }

  // MARK: Actions

  func perform(_ actions: [WorkerLifecycle.Action]) {
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
        call("onMasterStop", hooks.stop) { try $0() }
        exitStatus = status
      }
    }
    tellOfWorkersWanted()
    for (generation, program) in programs where !lifecycle.isInUse(generation) && generation != coming?.generation {
      program.close()
      programs[generation] = nil
    }
  }

  private func tellOfWorkersWanted() {
    if lifecycle.wanted == knownWanted || !lifecycle.isRunning { return }
    let before = knownWanted
    knownWanted = lifecycle.wanted
    call("nworkers_changed", hooks.workersWanted) { try $0(knownWanted, before) }
  }

  private func reportTimeout(_ slot: Int, _ pid: pid_t) {
    let activity = scoreboard[slot].activity
    logger.critical("WORKER TIMEOUT (pid:\(pid))\(activity.isEmpty ? "" : " in \(LogText.escaped(activity))")")
  }

  /// Workers keep their own descriptors until they have taken what is queued.
  private func stopListening() {
    scoreboard.announceStopping()
    // Nobody is forked any more, and an application that is being loaded comes too late.
    for program in programs.values { program.forkServer?.end() }
    coming = nil
    for listener in listeners {
      if !lifecycle.sharesSockets { listener.removeFile() }
      listener.close()
    }
    listeners = []
  }
}
