#if ServiceLifecycle
  internal import Green
  internal import GreenWeb

  /// What the group tells the hub that serves.
  struct StopOrders: Sendable {
    let gracefully = Event()
    let atOnce = Event()
  }

  /// One run of an ``ApplicationService``, on its hub.
  final class ApplicationServiceRun {
    private let servers: [HTTPServer]
    private let app: App?
    private let grace: Duration
    private let orders: StopOrders
    private let logger: Logger
    /// When background work that is still there is left alone.
    private var deadline = Deadline.never
    private var background: Fiber<Void>?

    init(_ servers: [HTTPServer], app: App?, grace: Duration, orders: StopOrders, logger: Logger) {
      self.servers = servers
      self.app = app
      self.grace = grace
      self.orders = orders
      self.logger = logger
    }

    /// Serves until it is told to stop, and parks until all has ended.
    func run() throws {
      let obeying = [
        Fiber.spawn(name: "graceful shutdown") {
          try self.orders.gracefully.wait()
          try self.stop(grace: self.grace)
        },
        Fiber.spawn(name: "cancellation") {
          try self.orders.atOnce.wait()
          try self.stop(grace: .zero)
          self.background?.cancel()
        },
      ]
      let serving = servers.map { server in
        Fiber.spawn(name: "serve") {
          // One that cannot go on takes the others with it.
          defer { self.orders.gracefully.set() }
          try server.run()
        }
      }
      for fiber in serving { try fiber.join() }
      try finishBackgroundWork()
      // Whoever still waits for an order finds nothing left to stop.
      orders.gracefully.set()
      orders.atOnce.set()
      for fiber in obeying { try fiber.value }
      for fiber in serving { try fiber.value }
    }

    private func stop(grace: Duration) throws {
      deadline = min(deadline, .after(grace))
      let stopping = servers.map { server in Fiber.spawn(name: "stop") { try server.stop(grace: grace) } }
      let cut = try stopping.reduce(0) { $0 + (try $1.value) }
      if cut > 0 { logger.warning("Connections that were cut off: \(cut)") }
    }

    private func finishBackgroundWork() throws {
      guard let app else { return }
      let deadline = min(deadline, .after(grace))
      let fiber = Fiber.spawn(name: "background") { app.finishBackgroundWork(until: deadline) }
      background = fiber
      try fiber.join()
    }
  }
#endif
