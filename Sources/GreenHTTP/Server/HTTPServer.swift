public import Green

/// An application served by the calling hub, in this process: for programs that have more to do than to serve, and for
/// tests. A server of many processes is `PreforkServer` in `GreenServer`;
/// one that speaks a protocol of your own over bytes is `StreamServer` in `Green`.
///
/// ```swift
/// try Hub.run {
///   let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 8000)!)
///   let server = HTTPServer(listener, application: app)
///   Fiber.spawn {
///     _ = try Signals(.terminate).next()
///     try server.stop(grace: .seconds(30))
///   }
///   try server.run()
/// }
/// ```
///
/// Each connection is served in a fiber. One that does not begin as it must, with a PROXY header or a handshake, is
/// closed without a word.
///
/// A child that a handler forks, and which returns from there since its `exec` has failed, ends: the connection is its parent's.
///
/// It belongs to the hub on which it was started.
public final class HTTPServer {
  private let server: StreamServer
  private let connections = OpenConnections()

  /// A server that is not running yet.
  ///
  /// - Parameters:
  ///   - listener: closed when the server stops.
  ///   - application: what answers the requests.
  ///   - configuration: the limits and the times of each connection.
  ///   - security: how connections are encrypted; they are not unless given. `TLSContext` of `GreenTLS` is one.
  ///   - maximumConnections: how many are served at once; the others wait in the listener's backlog.
  ///   - report: called with a request whose handler has failed, and the error, in the request's fiber. Says it on standard
  ///     error unless given.
  public init(
    _ listener: Listener, application: any Application, configuration: HTTPConfiguration = HTTPConfiguration(),
    security: (any ConnectionSecurity)? = nil, maximumConnections: Int = .max,
    report: ((Request, any Error) -> Void)? = nil
  ) {
    let connections = connections
    let opening = ConnectionOpening(configuration, security: security)
    server = StreamServer(listener, maximumConnections: maximumConnections) { socket in
      let connection = OpenConnection(socket, connections, report)
      connections.all[ObjectIdentifier(connection)] = connection
      defer { connections.all[ObjectIdentifier(connection)] = nil }
      guard let stream = connection.open(opening, configuration) else { return }
      defer { if stream.isEncrypted { (stream as? any HalfClosableByteStream)?.finishSending() } }
      let outcome = HTTPConnection(
        stream: stream, application: application, configuration: configuration, observer: connection
      ).serve()
      switch outcome {
      case .ended: return
      case .stillSending: break
      case .handedOver(let handedOver): connection.speak(handedOver)
      }
      connection.process.endIfChild()
      // It is no longer one that `stop` has to end.
      connections.all[ObjectIdentifier(connection)] = nil
      socket.resumeReceive()
      socket.linger()
    }
  }

  /// Where it listens.
  public var listener: Listener { server.listener }

  /// How many connections are open.
  public var openConnections: Int { server.openConnections }

  /// Begins to serve, in fibers of the calling hub. What makes accepting impossible for good is told on standard error, unless
  /// somebody waits in ``run()``.
  ///
  /// - Throws: `HubError` where there is no hub, or no stack for a fiber.
  public func start() throws { try server.start() }

  /// Serves until it is stopped; parks until then.
  ///
  /// - Throws: as ``start()``; what made accepting impossible for good.
  public func run() throws { try server.run() }

  /// Stops: closes the listener, and the connections on which no request comes within 100 ms; lets the others finish the
  /// request that they are at, tells WebSockets that it goes away, and ends those that have not by the end of `grace`. Parks
  /// until then.
  ///
  /// - Returns: how many connections were cut off.
  @discardableResult
  public func stop(grace: Duration = .seconds(30)) throws -> Int {
    connections.isStopping = true
    StopNotice.give(connections.handedOver.stop())
    Fiber.spawn(name: "stop") { [connections] in try connections.endIdle() }
    return try server.stop(grace: grace)
  }
}

private final class OpenConnections {
  var all: [ObjectIdentifier: OpenConnection] = [:]
  let handedOver = HandedOverConnections()
  var isStopping = false

  /// Ends, until there are none left, the connections that wait for a request: a client may be sending one just now, and has
  /// a moment to do so.
  func endIdle() throws {
    let moment = Duration.milliseconds(100)
    let began = Deadline.now
    while !all.isEmpty {
      // In an order that a seed repeats: that of a dictionary is another in each process.
      for connection in all.values.sorted(by: { $0.socket.descriptor < $1.socket.descriptor }) {
        if let since = connection.idleSince, max(since, began).advanced(by: moment).hasPassed {
          connection.socket.cancelReceive()
        }
      }
      try Fiber.sleep(for: .milliseconds(20))
    }
  }
}

private final class OpenConnection: HTTPConnectionObserver {
  let socket: Socket
  let process = OwnProcess()
  private let connections: OpenConnections
  private let report: ((Request, any Error) -> Void)?
  /// Since when it has waited for a request; `nil` when it does not.
  private(set) var idleSince: Deadline? = .now

  init(_ socket: Socket, _ connections: OpenConnections, _ report: ((Request, any Error) -> Void)?) {
    self.socket = socket
    self.connections = connections
    self.report = report
  }

  /// Asked when the handler has returned. A child that it forked goes no further: two processes would answer.
  var shouldClose: Bool {
    process.endIfChild()
    return connections.isStopping
  }
  func answerGoesOn() { process.endIfChild() }
  var isStopping: Bool { connections.isStopping }

  func becameIdle() {
    idleSince = .coarseNow
  }

  func becameBusy() {
    idleSince = nil
    // The request came as the connection was about to be ended: it is served whole.
    socket.resumeReceive()
  }

  /// What HTTP is spoken over, once what comes before it has come; `nil` where it does not.
  func open(_ opening: ConnectionOpening?, _ configuration: HTTPConfiguration) -> (any ByteStream)? {
    guard let opening else { return socket }
    guard (try? opening.awaitFirstByte(of: socket, until: .after(configuration.firstByteTime))) == true else {
      return nil
    }
    becameBusy()
    do {
      return try opening.open(socket, until: .after(configuration.limits.headDeadline))
    } catch {
      if error is ConnectionFault { socket.linger() }
      return nil
    }
  }

  /// Speaks the protocol that an answer has changed to.
  func speak(_ handedOver: HandedOverConnection) {
    connections.handedOver.speak(handedOver) {
      Report.message(LogText.message("the protocol \(handedOver.protocolName) failed: \($0)"))
    }
  }

  func requestFailed(_ request: Request, _ error: any Error) {
    if let report { return report(request, error) }
    Report.message(LogText.message("\(request.method) \(request.rawPath) failed: \(error)"))
  }
}
