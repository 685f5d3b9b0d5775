import CProcess
import Glibc
import Green
import Logging

// What the master hears of its workers, of their ends, and of whoever sends it a signal.
extension Arbiter {
  func tell(_ event: WorkerLifecycle.Event) {
    perform(lifecycle.handle(event, at: monotonicNanoseconds()))
  }

  func hear(_ slot: Int) {
    while let handshake = handshakes[slot] {
      switch handshake.receive() {
      case .nothing: return
      case .message(.ready):
        tell(.ready(slot: slot))
        noteReady()
        sourceReload?.served(scoreboard[slot].generation)
      case .message(.failed(let reason)): tell(.startFailed(slot: slot, reason: reason))
      case .message(.due(let reason)): tell(.due(slot: slot, reason: reason))
      case .message(.files): break
      case .message(.answered(let order)):
        if let told = monitor?.orders.answered(order, by: slot) { monitor?.figures.note(told.figures, of: told.pid) }
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

  /// Builds the program where its sources have changed, and replaces the workers where that is to be done.
  func followSources() {
    guard let sourceReload, lifecycle.isRunning else { return }
    if sourceReload.turn(at: monotonicNanoseconds(), generation: lifecycle.generation) { take(.hangup) }
  }

  /// Does what a signal to the master asks for, whoever has given it.
  func take(_ signal: Signal) {
    if signal == .user1 { reopenLogs() }
    if signal == .hangup { service?.reloadBegins(at: monotonicNanoseconds()) }
    // Whether there is another master is known by what has happened, and not by what has been heard of.
    if signal == .user2 {
      hearRelatives()
      reap()
    }
    if Self.obeyed.contains(signal.rawValue) { tell(.signal(signal.rawValue)) }
  }

  func reap() {
    while true {
      var status: CInt = 0
      let pid = waitpid(-1, &status, WNOHANG)
      if pid < 0 && errno == EINTR { continue }
      if pid <= 0 { return }
      if programs.values.contains(where: { $0.forkServer?.ended(pid) == true }) { continue }
      if let isBuilt = sourceReload?.ended(
        pid, Ending(waitStatus: status), generation: lifecycle.generation, at: monotonicNanoseconds())
      {
        if isBuilt { take(.hangup) }
        continue
      }
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
      // Before what follows from it: a successor, or the master's end.
      if isWorker { call("onWorkerExited", hooks.workerExited) { try $0(pid, "\(ending)") } }
      tell(.ended(pid: pid, ending, during: activity, forMemory: forMemory))
    }
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
}
