import Glibc
import Green
import Logging

extension WorkerContext {
  /// Calls what the application wants called when its worker has finished.
  func callStopHooks() {
    let deadline = stopDeadline ?? .after(configuration.gracefulTimeout)
    for hook in onStop {
      hook(deadline)
      endIfChild()
    }
  }

  /// The worker's last words. Returns its exit status.
  func conclude(_ end: WorkerEnd) -> CInt {
    endIfChild()
    let status = report(end)
    slot.state = .draining
    if !ApplicationMetrics.shared.isEmpty { handshake.hand(over: ApplicationMetrics.shared.text) }
    LossySocket.finishAll()
    accessLog?.reportLosses()
    let omitted = refusals.withLock { $0.takeOmitted() }
    if omitted > 0 { logger.warning("\(omitted) more invalid requests were not logged") }
    logger.info("Worker exiting (pid: \(getpid()))")
    return status
  }

  private func report(_ end: WorkerEnd) -> CInt {
    switch end {
    case .asked: return 0
    case .cannotStart(let reason):
      try? handshake.send(.failed(reason: reason))
      return 3
    case .lost(let service, let reason):
      let text = "its service '\(service)' failed: \(reason)"
      if slot.state == .starting { return report(.cannotStart(text)) }
      logger.critical("Worker (pid:\(getpid())) ends: \(text)")
      return 1
    }
  }
}
