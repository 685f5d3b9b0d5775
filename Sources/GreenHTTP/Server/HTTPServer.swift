internal import CGlibc
public import Green

/// An application served by the calling hub, in this process: for programs that have more to do than to serve, and for
/// tests. A server of many processes is `Server` in `GreenServer`.
///
/// ```swift
/// try Hub.run {
///   let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 8000)!)
///   let server = HTTPServer(listener, application: app)
///   Fiber.spawn {
///     _ = Signals(.terminate).next()
///     try server.stop(grace: .seconds(30))
///   }
///   try server.run()
/// }
/// ```
///
/// Each connection is served in a fiber. It belongs to the hub on which it was started.
public final class HTTPServer {
  private let server: StreamServer
  private let connections = OpenConnections()

  /// A server that is not running yet.
  ///
  /// - Parameters:
  ///   - listener: closed when the server stops.
  ///   - maximumConnections: how many are served at once; the others wait in the listener's backlog.
  ///   - report: called with a request whose handler has failed, and the error, in the request's fiber. Says it on standard
  ///     error unless given.
  public init(
    _ listener: Listener, application: any Application, configuration: HTTPConfiguration = HTTPConfiguration(),
    maximumConnections: Int = .max, report: ((Request, any Error) -> Void)? = nil
  ) {
    let connections = connections
    server = StreamServer(listener, maximumConnections: maximumConnections) { socket in
      let connection = OpenConnection(socket, connections, report)
      connections.all[ObjectIdentifier(connection)] = connection
      defer { connections.all[ObjectIdentifier(connection)] = nil }
      HTTPConnection(
        stream: socket, application: application, configuration: configuration, observer: connection
      ).serve()
    }
  }

  /// Where it listens.
  public var listener: Listener { server.listener }

  /// How many connections are open.
  public var openConnections: Int { server.openConnections }

  /// Begins to serve, in fibers of the calling hub.
  ///
  /// - Throws: `HubError` where there is no hub, or no stack for a fiber.
  public func start() throws { try server.start() }

  /// Serves until it is stopped; parks until then.
  ///
  /// - Throws: as ``start()``; what made accepting impossible for good.
  public func run() throws { try server.run() }

  /// Stops: closes the listener and the connections that wait for a request, lets the others finish the one that they are
  /// at, and ends those that have not by the end of `grace`. Parks until then.
  ///
  /// - Returns: how many connections were cut off.
  @discardableResult
  public func stop(grace: Duration = .seconds(30)) throws -> Int {
    connections.isStopping = true
    for connection in connections.all.values where connection.isIdle { connection.socket.cancelReceive() }
    return try server.stop(grace: grace)
  }
}

private final class OpenConnections {
  var all: [ObjectIdentifier: OpenConnection] = [:]
  var isStopping = false
}

private final class OpenConnection: HTTPConnectionObserver {
  let socket: Socket
  private let connections: OpenConnections
  private let report: ((Request, any Error) -> Void)?
  private(set) var isIdle = false

  init(_ socket: Socket, _ connections: OpenConnections, _ report: ((Request, any Error) -> Void)?) {
    self.socket = socket
    self.connections = connections
    self.report = report
  }

  var shouldClose: Bool { connections.isStopping }

  func becameIdle() {
    isIdle = true
    if connections.isStopping { socket.cancelReceive() }
  }

  func becameBusy() {
    isIdle = false
    // The request came as the connection was about to be ended: it is served whole.
    socket.resumeReceive()
  }

  func requestFailed(_ request: Request, _ error: any Error) {
    if let report { return report(request, error) }
    cglibc_report(LogText.message("greenfinch: \(request.method) \(request.rawPath) failed: \(error)"))
  }
}
