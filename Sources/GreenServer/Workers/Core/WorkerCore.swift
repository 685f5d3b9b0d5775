import Green
import GreenHTTP
import Logging

/// The loop of a worker, the same in every class: takes connections, obeys signals, notices its master's end, makes room,
/// shows that it lives, and drains. An engine serves what it takes.
///
/// It waits as all blocking code here does: in a fiber it parks, on a thread it blocks.
final class WorkerCore {
  let context: WorkerContext
  let engine: any WorkerEngine
  let events: WorkerEvents
  private var batches: [AcceptBatch]
  /// What it was asked to do, as far as it knows.
  private(set) var stop: StopRequest?

  /// To be made where it runs, in a fiber or on a thread.
  init(_ context: WorkerContext, _ engine: any WorkerEngine) {
    self.context = context
    self.engine = engine
    events = WorkerEvents(context, watched: engine.watched)
    batches = Array(repeating: AcceptBatch(), count: events.listeners.count)
  }

  /// Prepares, serves until the worker is asked to end, and finishes. Says why it ends.
  func run(onStart: [@Sendable () throws -> Void]) -> WorkerEnd {
    do {
      engine.prepare()
      try context.prepare(onStart)
      try start()
      let request = try serve()
      if request == .drain { try drain() }
      if stop != .quick { finish() }
      return .asked(request)
    } catch let end as WorkerEnd {
      return end
    } catch {
      return .lost(service: "accept", reason: "\(error)")
    }
  }

  private func finish() {
    // From here on nobody reads signals. Some may have come since the last wait.
    QuickStop.begin()
    if events.takeSignals() != .quick { engine.finish(context.callStopHooks) }
  }

  private func start() throws {
    do {
      try engine.start()
    } catch {
      throw WorkerEnd.cannotStart("\(error)")
    }
    context.reportReady(capacity: engine.capacity)
  }

  private func serve() throws -> StopRequest {
    while true {
      try wait(until: .after(context.beatInterval), listening: true)
      for index in events.listeners.indices where stop == nil && events.isReady(index) {
        try takeConnections(at: index)
      }
      if let stop { return stop }
    }
  }

  /// Waits, and does what is due whatever is waited for. Throws ``WorkerEnd/lost(service:reason:)`` where the application has
  /// lost what it serves by.
  func wait(until deadline: Deadline, listening: Bool = false) throws {
    beat()
    try events.wait(until: min(deadline, engine.attention), listening: listening)
    engine.attend()
    if let loss = context.loss { throw loss }
    if let request = events.takeStopRequest() { stop = max(stop ?? request, request) }
    for order in events.takeOrders() { engine.obey(order) }
  }

  func beat() {
    context.meter?.look()
    if engine.isAlive { context.slot.beat() } else { engine.noteActivity() }
    if context.quota.isLimited { context.lookAtQuota() }
    LossySocket.flushAll()
  }

  // MARK: Accepting

  /// A connection for which there is no room is left in the kernel's queue, where a sibling may take it.
  var isFull: Bool { context.slot.open >= engine.capacity }

  private func takeConnections(at index: Int) throws {
    let listener = events.listeners[index]
    if isFull { return try makeRoom(for: listener) }
    // A sibling that has had less goes first; then it is whose it is.
    if context.yieldsTurn() { try Fiber.sleep(for: .nanoseconds(AcceptTurn.delay)) }
    let most = engine.takesSeveral ? batches[index].size : 1
    var count = 0
    while count < most {
      if isFull || (count > 0 && context.isAhead) { return }
      guard let socket = try context.accept(listener) else { break }
      serve(socket)
      count += 1
    }
    batches[index].took(count)
    beat()
  }

  func serve(_ socket: Socket) {
    context.slot.countOpened()
    context.meter?.connected()
    engine.serve(socket)
  }

  /// Waits until there is room for the connection that waits at the listener, or until it has gone elsewhere. The
  /// longest idle connection goes first, and those that are answered meanwhile are asked to close.
  private func makeRoom(for listener: Listener) throws {
    context.closesConnections = true
    defer { context.closesConnections = false }
    // A sibling that says it is free takes the connection within a moment, or hangs.
    var patience = 20
    while isFull && stop == nil && listener.hasWaiting {
      if patience > 0 && context.siblingIsFree {
        patience -= 1
        try wait(until: .after(.milliseconds(1)))
      } else {
        // One makes room enough, once it has ended.
        let hasEnded = engine.endIdle(patience: IdleList.patience)
        try wait(until: .after(.milliseconds(hasEnded ? 100 : 20)))
      }
    }
  }
}
