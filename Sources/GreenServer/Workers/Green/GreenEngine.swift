import Green
import GreenHTTP
import GreenRedirect
import Logging

/// Serves each connection in a fiber of its own, all on the process's only thread.
///
/// The worker beats from a fiber: it is its loop that must not be blocked, while a single request may wait for long.
final class GreenEngine: WorkerEngine {
  private let context: WorkerContext
  private var isolation: FiberIsolation
  let capacity: Int
  /// Unsafe: the list calls nothing that could reach it; to look for overlapping uses would cost each request.
  @exclusivity(unchecked) private var idle = IdleList()
  /// The connections of which a part of a head has come.
  @exclusivity(unchecked) private var heads = IdleList()
  /// Every connection, where somebody may ask for the requests in progress.
  private var connections: [ObjectIdentifier: WatchedConnection] = [:]

  init(_ context: WorkerContext) {
    self.context = context
    isolation = context.configuration.handlerIsolation
    capacity = context.configuration.workerConnections
  }

  var takesSeveral: Bool { true }

  func prepare() {
    prepareIsolation()
    guard let hub = Hub.current else { return }
    if case .accessesOnly = hub.runtimeLocals {
      context.logger.warning("Swift's state of a thread is not kept apart for each fiber: \(hub.runtimeLocals)")
    }
    hub.serveMainQueue()
  }

  /// Making a thread control block takes longer than a request: those for the first connections are made beforehand.
  private func prepareIsolation() {
    guard isolation == .thread else { return }
    if let refusal = FiberIsolation.refusal {
      context.logger.warning(
        "Handlers share the worker's thread, although each was to be a thread of its own: \(refusal)")
      isolation = .shared
    }
    FiberIsolation.prepare(isolation == .thread ? min(capacity, 64) : 0)
  }

  func serve(_ socket: Socket) {
    let connection = context.isWatched ? watched(socket) : GreenConnection(socket, self, context)
    let fiber = Fiber.spawn(isolation: isolation, name: "connection") {
      self.ended(connection, isStillSending: connection.serve())
    }
    // No stack could be had; the fiber's own report says which setting allows more.
    if fiber.isFinished { ended(connection, isStillSending: false) }
  }

  private func watched(_ socket: Socket) -> GreenConnection {
    let connection = WatchedConnection(socket, self, context)
    connections[ObjectIdentifier(connection)] = connection
    return connection
  }

  private func ended(_ connection: GreenConnection, isStillSending: Bool) {
    // Of the other list it has removed itself.
    idle.remove(connection)
    if context.isWatched { connections[ObjectIdentifier(connection)] = nil }
    context.ended(connection, isStillSending: isStillSending)
  }

  func becameIdle(_ connection: GreenConnection) { idle.append(connection, at: monotonicNanoseconds()) }

  func becameBusy(_ connection: GreenConnection) {
    idle.remove(connection)
    // The request came as the connection was about to be ended: it is served whole.
    connection.socket.resumeReceive()
  }

  func awaitsRestOfHead(_ connection: GreenConnection) { heads.append(connection, at: monotonicNanoseconds()) }

  func endsWaitForHead(_ connection: GreenConnection) {
    heads.remove(connection)
    connection.socket.resumeReceive()
  }

  func endIdle(patience: Int64) -> Bool {
    let now = monotonicNanoseconds()
    guard let connection = idle.removeEvictable(at: now, patience: patience) ?? heads.removeSlowest(at: now) else {
      return false
    }
    connection.socket.cancelReceive()
    return true
  }

  func give(_ notices: [StopNotice]) { StopNotice.give(notices) }

  func obey(_ order: WorkerOrder) {
    guard let hub = Hub.current else { return order.answer(running: []) }
    switch order.kind {
    case .dump: order.answer(dumping: hub)
    case .trace(let duration): order.answer(tracing: hub, for: duration)
    case .figures: order.answer(running: [])
    case .requests:
      order.answer(running: connections.values.flatMap(\.requestsInProgress))
    }
  }

  func finish(_ body: () -> Void) {
    let beats = Fiber.spawn(name: "heartbeat") {
      while true {
        self.context.slot.beat()
        try Fiber.sleep(for: self.context.beatInterval)
      }
    }
    defer { beats.cancel() }
    body()
  }
}
