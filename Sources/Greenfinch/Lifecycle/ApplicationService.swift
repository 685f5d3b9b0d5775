#if ServiceLifecycle
  public import Green
  internal import GreenTasks
  public import GreenServer
  public import GreenWeb
  public import ServiceLifecycle

  /// An application as a service among others: in a `ServiceGroup` of swift-service-lifecycle, in one process. Comes
  /// with the package trait `ServiceLifecycle`.
  ///
  /// ```swift
  /// let group = ServiceGroup(
  ///   services: [database, ApplicationService(app, bind: [.tcp(host: "127.0.0.1", port: 8000)])],
  ///   gracefulShutdownSignals: [.sigterm], logger: logger)
  /// try await group.run()
  /// ```
  ///
  /// Requests are served in fibers on a thread of the service's own, so that handlers may block as in a green worker;
  /// the group's services stay where they are. A graceful shutdown closes the listeners and the idle connections, and
  /// lets requests end; cancelling the task ends them, and every wait of theirs throws. Services that handlers need
  /// belong before it in the list: a group shuts down the last first. An ``GreenWeb/App``'s background work is part of
  /// the service; its worker hooks are not called.
  ///
  /// For services in the workers of a server of many processes, see ``GreenWeb/App/runServices(_:)``.
  public struct ApplicationService: Service, CustomStringConvertible {
    private let application: any Application
    private let bind: [BindAddress]
    private let backlog: Int
    private let configuration: HTTPConfiguration
    private let security: (any ConnectionSecurity)?
    private let maximumConnections: Int
    private let gracePeriod: Duration
    private let logger: Logger?
    private let onListening: @Sendable (SocketAddress) -> Void

    /// A service that does not listen yet.
    ///
    /// - Parameters:
    ///   - bind: where to listen. With port 0 the kernel chooses one, which `onListening` is told.
    ///   - backlog: how many connections the kernel holds for each address until they are accepted.
    ///   - security: what encrypts the connections: a `TLSContext` of `GreenTLS`; `nil` for plain HTTP.
    ///   - maximumConnections: how many are served at once at each address; the others wait in its backlog.
    ///   - gracePeriod: how long requests and background work may take once a graceful shutdown has begun.
    ///   - logger: of what handlers throw, with the request's id as `request.id`. One labelled `greenfinch` unless
    ///     given.
    ///   - onListening: called with each address once connections to it are taken, on the service's thread.
    public init(
      _ application: any Application, bind: [BindAddress] = [.tcp(host: "127.0.0.1", port: 8000)], backlog: Int = 2048,
      configuration: HTTPConfiguration = HTTPConfiguration(), security: (any ConnectionSecurity)? = nil,
      maximumConnections: Int = 1000, gracePeriod: Duration = .seconds(30), logger: Logger? = nil,
      onListening: @escaping @Sendable (SocketAddress) -> Void = { _ in }
    ) {
      self.application = application
      self.bind = bind
      self.backlog = backlog
      self.configuration = configuration
      self.security = security
      self.maximumConnections = maximumConnections
      self.gracePeriod = gracePeriod
      self.logger = logger
      self.onListening = onListening
    }

    /// What the group's log calls it.
    public var description: String { "ApplicationService(\(bind.map(\.description).joined(separator: ", ")))" }

    /// Serves until the group shuts down gracefully or the task is cancelled. When it returns, no handler runs any
    /// more: one that goes on although it was ended is waited for.
    ///
    /// - Throws: ``ListenError``; `Errno` when there is no thread, loop or stack to be had; what made accepting
    ///   impossible for good.
    public func run() async throws {
      let hub = try HubThread()
      defer { hub.stop() }
      let orders = StopOrders()
      // A task that cancelling does not reach: the server ends its handlers, and waits for them.
      let serving = Task { try await hub.run { try serve(orders) } }
      try await withTaskCancellationHandler {
        try await withGracefulShutdownHandler {
          try await serving.value
        } onGracefulShutdown: {
          orders.gracefully.set()
        }
      } onCancel: {
        orders.atOnce.set()
      }
    }

    /// On the hub.
    private func serve(_ orders: StopOrders) throws {
      let sockets = try listen()
      defer { for socket in sockets { socket.removeFile() } }
      let logger = logger ?? Logger(label: "greenfinch")
      let servers = sockets.map { socket in
        HTTPServer(
          socket.listener, application: traced(application), configuration: configuration, security: security,
          maximumConnections: maximumConnections
        ) { request, error in
          logger.error(
            "\(request.method) \(request.rawPath) failed: \(error)", metadata: ["request.id": "\(request.id)"])
        }
      }
      for server in servers { if let address = server.listener.address { onListening(address) } }
      try ApplicationServiceRun(servers, app: application as? App, grace: gracePeriod, orders: orders, logger: logger)
        .run()
    }

    private func listen() throws -> [BoundListener] {
      var sockets: [BoundListener] = []
      for address in bind {
        do throws(BindError) {
          sockets.append(try BoundListener(binding: address, ListenerOptions(backlog: backlog)))
        } catch {
          for socket in sockets {
            socket.removeFile()
            socket.close()
          }
          throw ListenError(address: address, reason: error.cause)
        }
      }
      return sockets
    }
  }

  extension BindError {
    fileprivate var cause: any Error {
      switch self {
      case .failed(let error): error
      case .unresolved: self
      }
    }
  }
#endif
