import Green
import GreenHTTP

extension WorkerCore {
  /// Finishes what is in progress, for as long as the graceful timeout allows.
  func drain() throws {
    context.slot.state = .draining
    context.closesConnections = true
    let deadline = Deadline.after(context.configuration.gracefulTimeout)
    context.stopDeadline = deadline
    engine.give(context.handedOver.stop())
    // Clients that may be sending a request just now are given a moment to do so.
    let moment = Deadline.after(.nanoseconds(IdleList.patienceOfStop))
    if context.isWholeServerStopping() {
      for listener in events.listeners { try takeQueue(of: listener, until: deadline) }
    }
    events.stopListening()
    while isBusy && !deadline.hasPassed && stop != .quick {
      if moment.hasPassed {
        while engine.endIdle(patience: IdleList.patienceOfStop) {}
        engine.endResting()
      }
      try wait(until: min(deadline, .after(.milliseconds(20))))
    }
    if isBusy && stop != .quick { noteCut() }
  }

  /// What is still in progress ends with the worker.
  private func noteCut() {
    let open = context.slot.open
    guard open > 0 else { return }
    context.logger.warning(
      "The graceful timeout is over: \(open) \(open == 1 ? "connection is" : "connections are") cut off")
  }

  private var isBusy: Bool { context.slot.open > 0 || !context.lingering.isEmpty || engine.hasResting }

  /// The whole server stops: what has been connected so far is still answered.
  private func takeQueue(of listener: Listener, until deadline: Deadline) throws {
    var left = context.queued(at: listener)
    while left > 0 && !deadline.hasPassed && stop != .quick {
      if !isFull, let socket = try context.accept(listener) {
        left -= 1
        beat()
        serve(socket)
      } else if listener.hasWaiting, isBusy || !context.isRefusedConnections {
        // There is no room for it, or no descriptor is left: there will be when another connection has ended. Where there is
        // no other, there never will be.
        _ = engine.endIdle(patience: IdleList.patience)
        try wait(until: min(deadline, .after(.milliseconds(100))))
      } else {
        return
      }
    }
  }
}
