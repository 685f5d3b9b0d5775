import CProcess
import Glibc
import Green
import GreenHTTP
import GreenRedirect
import Logging
import SystemPackage

/// Serves each connection in a fiber of its own, all on the process's only thread.
///
/// The worker beats from a fiber: it is its loop that must not be blocked, while a single request may wait for long.
final class GreenWorker {
  let context: WorkerContext
  private let listeners: [Listener]
  private var isolation: FiberIsolation
  /// How many connections there may be at once.
  private let capacity: Int
  private var isDraining = false
  /// At how many listeners a connection waits for which there is no room.
  private var pressed = 0
  private var isPressed: Bool { pressed > 0 }
  /// Unsafe: the list calls nothing that could reach it; to look for overlapping uses would cost each request.
  @exclusivity(unchecked) private var idle = IdleList()
  /// How many connections have ended whose clients may still be sending. They have no place among those at the limit.
  private var lingering = 0
  private static let mostLingering = 100
  /// What those wait for who need room, or the last connection to end.
  private let room = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)

  init(_ context: WorkerContext) {
    self.context = context
    isolation = context.configuration.handlerIsolation
    capacity = context.configuration.workerConnections
    listeners = context.listeners.map { Listener(adopting: $0.descriptor) }
  }

  func run(onStart: [@Sendable () throws -> Void]) -> Never {
    do {
      try Hub.run {
        if let mode = Hub.current?.runtimeLocals, case .accessesOnly = mode {
          self.context.logger.warning("Swift's state of a thread is not kept apart for each fiber: \(mode)")
        }
        self.prepareIsolation()
        Hub.current?.serveMainQueue()
        self.context.prepare(onStart)
        self.serve("signals") { try self.obeySignals() }
        self.serve("master") { try self.watchMaster() }
        self.serve("heartbeat") { try self.beat() }
        for listener in self.listeners { self.serve("accept") { try self.accept(from: listener) } }
        // What cannot even begin is a worker that does not start.
        Fiber.yield()
        self.context.reportReady()
      }
    } catch {
      context.fail("\(error)")
    }
    context.leave(status: 0)
  }

  /// Runs one of the worker's services in a fiber. Without it the worker would live on and look well: the end of any is
  /// the worker's own, with its reason in the log.
  private func serve(_ service: String, _ body: @escaping () throws -> Void) {
    let fiber = Fiber.spawn(name: service) {
      do {
        try body()
        if self.isDraining { return }
        self.context.lose(service, "it has ended")
      } catch {
        self.context.lose(service, "\(error)")
      }
    }
    if fiber.isFinished { context.lose(service, "it has no stack") }
  }

  // Making a thread control block takes longer than a request: those for the first connections are made beforehand.
  private func prepareIsolation() {
    guard isolation == .thread else { return }
    if let refusal = FiberIsolation.refusal {
      context.logger.warning(
        "Handlers share the worker's thread, although each was to be a thread of its own: \(refusal)")
      isolation = .shared
    }
    FiberIsolation.prepare(isolation == .thread ? min(capacity, 64) : 0)
  }

  private var isFull: Bool { context.slot.open >= capacity }

  // MARK: Accepting

  private func accept(from listener: Listener) throws {
    let turn = try TurnTimer()
    var batch = AcceptBatch()
    while !isDraining {
      do {
        try listener.waitForConnection()
      } catch Errno.badFileDescriptor where isDraining {
        return
      }
      if isFull {
        makeRoom(for: listener)
        continue
      }
      if context.yieldsTurn() { try turn.wait() }
      acceptSeveral(from: listener, &batch)
    }
  }

  private func acceptSeveral(from listener: Listener, _ batch: inout AcceptBatch) {
    var count = 0
    while count < batch.size {
      if isDraining || isFull || (count > 0 && context.isAhead) { return }
      guard let socket = context.accept(listener) else { break }
      start(socket)
      count += 1
    }
    batch.took(count)
  }

  private func start(_ socket: Socket) {
    let slot = context.slot
    slot.countOpened()
    slot.isFree = !isFull && !isDraining
    let connection = GreenConnection(socket, self)
    let fiber = Fiber.spawn(isolation: isolation, name: "connection") { self.serve(connection) }
    if fiber.isFinished {
      // No stack could be had; the fiber's own report says which setting allows more.
      ended(connection)
    }
  }

  private func serve(_ connection: GreenConnection) {
    let isStillSending = connection.serve()
    let lingers = isStillSending && lingering < Self.mostLingering
    ended(connection, closes: !lingers)
    if lingers { linger(connection.socket) }
  }

  private func ended(_ connection: GreenConnection, closes: Bool = true) {
    idle.remove(connection)
    if closes { connection.socket.close() }
    context.slot.countClosed()
    context.slot.isFree = !isFull && !isDraining
    if isPressed || isDraining { wakeWaiting() }
  }

  private func linger(_ socket: Socket) {
    lingering += 1
    socket.linger()
    socket.close()
    lingering -= 1
    if isDraining { wakeWaiting() }
  }

  // MARK: At the limit

  /// Waits until there is room for the connection that waits at the listener, or until it has gone elsewhere. The
  /// longest idle connection goes first, and those that are answered meanwhile are asked to close.
  private func makeRoom(for listener: Listener) {
    pressed += 1
    defer { pressed -= 1 }
    // A sibling that says it is free takes the connection within a moment, or hangs.
    var patience = 20
    while isFull && !isDraining && listener.hasWaiting {
      if patience > 0 && context.siblingIsFree {
        patience -= 1
        try? Fiber.sleep(for: .milliseconds(1))
        continue
      }
      if let connection = idle.removeEvictable(at: monotonicNanoseconds()) {
        connection.socket.cancelReceive()
        // One makes room enough, once it has ended.
        waitForRoom(until: .after(.milliseconds(100)))
      } else {
        waitForRoom(until: idle.isEmpty ? .never : .after(.milliseconds(20)))
      }
    }
  }

  private func waitForRoom(until deadline: Deadline) {
    _ = ParkingLot.park(room, until: deadline) { isFull }
  }

  private func wakeWaiting() { _ = ParkingLot.unpark(room, all: true) }

  // MARK: Connections

  var shouldClose: Bool { isDraining || isPressed }

  func becameIdle(_ connection: GreenConnection) {
    idle.append(connection, at: monotonicNanoseconds())
    if isPressed { wakeWaiting() }
  }

  func becameBusy(_ connection: GreenConnection) {
    idle.remove(connection)
    // The request came as the connection was about to be ended: it is served whole.
    connection.socket.resumeReceive()
  }

  // MARK: Staying alive, and ending

  private func beat() throws {
    while true {
      context.slot.beat()
      try Fiber.sleep(for: context.beatInterval)
    }
  }

  private func obeySignals() throws {
    while true {
      try Readiness.wait(for: context.signals.descriptor, .read)
      while let signal = context.signals.take() {
        if signal != SIGTERM { context.leave(status: 0, isQuick: true) }
        if !isDraining { Fiber.spawn(name: "drain") { self.drain() } }
        isDraining = true
      }
    }
  }

  private func watchMaster() throws {
    while !context.isOrphaned { try Readiness.wait(for: context.masterDescriptor, .read) }
    context.logger.info("Parent changed, shutting down")
    context.leave(status: 0, isQuick: true)
  }

  private func drain() {
    context.slot.state = .draining
    context.slot.isFree = false
    let deadline = Deadline.after(context.configuration.gracefulTimeout)
    context.stopDeadline = deadline
    let began = monotonicNanoseconds()
    let takesQueue = context.isWholeServerStopping()
    wakeWaiting()
    for listener in listeners {
      var left = takesQueue ? context.queued(at: listener) : 0
      while left > 0 && !deadline.hasPassed {
        if isFull {
          while let connection = idle.removeEvictable(at: monotonicNanoseconds()) { connection.socket.cancelReceive() }
          waitForRoom(until: min(deadline, .after(.milliseconds(100))))
        } else if let socket = context.accept(listener) {
          left -= 1
          start(socket)
        } else {
          break
        }
      }
      listener.close()
    }
    while (context.slot.open > 0 || lingering > 0) && !deadline.hasPassed {
      // Clients that may be sending a request just now are given a moment to do so.
      let moment = min(deadline, .after(.milliseconds(20)))
      _ = ParkingLot.park(room, until: moment) { context.slot.open > 0 || lingering > 0 }
      let now = monotonicNanoseconds()
      if now - began < IdleList.patienceOfStop { continue }
      while let connection = idle.removeEvictable(at: now, patience: IdleList.patienceOfStop) {
        connection.socket.cancelReceive()
      }
    }
    context.leave(status: 0)
  }
}
