import Glibc
import SystemPackage

extension Arbiter {
  /// Makes the process of a worker.
  func spawn(_ slot: Int, of generation: Int) {
    let first = AcceptTurn.firstCount(among: scoreboard.siblings(of: slot))
    tally.takeOver(slot, on: scoreboard)
    scoreboard[slot].reset(accepted: first, generation: generation)
    do {
      let pid = try launch(slot, try programs[generation] ?? .running(configuration))
      scoreboard[slot].pid = pid
      tally.starts += 1
      tell(.spawned(slot: slot, pid: pid))
      call("onWorkerForked", hooks.workerForked) { try $0(pid) }
      // One that was forked is ready so soon that it waits for this.
      if programs[generation]?.forkServer != nil { try? handshakes[slot]?.send(Array("begin".utf8)) }
    } catch {
      scoreboard[slot].state = .gone
      tell(.spawnFailed(slot: slot, reason: "\(error)"))
    }
  }

  private func launch(_ slot: Int, _ program: WorkerProgram) throws -> pid_t {
    let (ours, theirs) = try Handshake.pair()
    defer { theirs.close() }
    do {
      let inheritance = Inheritance(
        slot: slot, handshake: theirs.descriptor, scoreboard: scoreboard.descriptor,
        listeners: listeners.map(\.listener.descriptor))
      let pid =
        if let forkServer = program.forkServer {
          try forkServer.fork(inheritance)
        } else {
          try inheritance.spawn(program) { (token) throws(Errno) in try ours.send(token) }
        }
      handshakes[slot]?.close()
      handshakes[slot] = ours
      return pid
    } catch {
      ours.close()
      throw error
    }
  }
}
