import CProcess
import Glibc

extension WorkerLifecycle {
  /// Whether the server serves, and is not about to stop.
  var isRunning: Bool { phase == .running }
}

// What the master sees of its workers.
extension Arbiter {
  /// How the server fares now. Reads a file of /proc for each worker.
  func look() -> ServerLook {
    let now = monotonicNanoseconds()
    return ServerLook(
      time: now, pid: getpid(), workerClass: configuration.effectiveWorkerClass,
      phase: lifecycle.isRunning ? "running" : "stopping", began: tally.began, generation: lifecycle.generation,
      wanted: lifecycle.wanted, workers: (0..<scoreboard.count).compactMap { worker(in: $0, at: now) },
      started: tally.starts, ended: tally.ends, queued: queued, sum: tally.sum(on: scoreboard))
  }

  private func worker(in index: Int, at now: Int64) -> ServerLook.Worker? {
    let slot = scoreboard[index]
    guard slot.state != .gone else { return nil }
    return ServerLook.Worker(
      slot: index, pid: slot.pid, state: slot.state, generation: slot.generation, open: slot.open,
      capacity: slot.capacity, requests: slot.requests, silence: now - slot.lastSign, activity: slot.activity,
      fibers: scoreboard.metrics(at: index)?.fibers ?? 0, process: ProcessFigures(of: slot.pid))
  }

  /// Connections that wait in the kernel, of the listeners of which it tells.
  private var queued: Int? {
    let known = listeners.map { Int(cprocess_listener_queued($0.listener.descriptor)) }.filter { $0 >= 0 }
    return known.isEmpty ? nil : known.reduce(0, +)
  }

  /// The master's part of what statsd is told.
  func tell(_ statsd: Statsd) {
    let ready = (0..<scoreboard.count).count { scoreboard[$0].state == .ready }
    statsd.tell(workers: ready, backlog: configuration.enableBacklogMetric ? queued ?? 0 : nil)
  }
}
