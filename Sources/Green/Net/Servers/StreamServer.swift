internal import Glibc
internal import SystemPackage

/// A server of a protocol of one's own, over TCP or Unix domain sockets: each connection is handled in a fiber.
///
/// ```swift
/// let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 7)!)
/// let echo = StreamServer(listener, maximumConnections: 1000) { socket in
///   var buffer = [UInt8](repeating: 0, count: 4096)
///   while case let count = try buffer.withUnsafeMutableBytes({ try socket.receive(into: $0) }), count > 0 {
///     try buffer.withUnsafeBytes { try socket.send(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
///   }
/// }
/// try echo.run()
/// ```
///
/// A connection that cannot be handled is not accepted: while ``maximumConnections`` are open, while the process may not
/// open more descriptors, while there is no stack for another fiber, it waits in the listener's backlog. It is closed
/// when its handler returns or throws.
///
/// A server belongs to the hub on which it was started.
public final class StreamServer {
  /// Where it listens.
  public let listener: Listener
  /// How many connections are handled at once.
  public var maximumConnections: Int { pool.limit }
  /// Called with what goes wrong, in the fiber where it does. Says it on standard error unless set.
  public var onFault: (ServerFault) -> Void = ServerFault.report

  private let name: String
  private let handler: (Socket) throws -> Void
  private let pool: HandlerPool
  private var connections: [ObjectIdentifier: Socket] = [:]
  private var backOff = BackOff()
  private var isStopping = false

  /// A server that is not running yet.
  ///
  /// - Parameters:
  ///   - listener: closed when the server stops.
  ///   - maximumConnections: at least 1.
  ///   - name: of the fibers that handle connections.
  ///   - handler: called with each connection, in a fiber of its own.
  public init(
    _ listener: Listener, maximumConnections: Int = .max, name: String = "connection",
    handler: @escaping (Socket) throws -> Void
  ) {
    self.listener = listener
    self.name = name
    self.handler = handler
    pool = HandlerPool(limit: maximumConnections)
  }

  /// How many connections are being handled.
  public var openConnections: Int { pool.running }

  /// Begins to accept connections, in a fiber of the calling hub. Does nothing to a server that was started.
  ///
  /// What makes accepting impossible for good is told to ``onFault``, as ``ServerFault/ended(_:)``.
  ///
  /// - Throws: ``HubError`` where there is no hub, or no stack for the fiber.
  public func start() throws {
    try pool.begin("accept", told: { self.onFault($0) }) { try self.acceptConnections() }
  }

  /// Starts the server and waits until it has been stopped.
  ///
  /// - Throws: as ``start()``; what made accepting impossible for good, such as a listener that somebody closed.
  public func run() throws {
    try start()
    try pool.wait { _ = try stop() }
  }

  // MARK: Accepting

  private func acceptConnections() throws {
    while !isStopping {
      do {
        try pool.waitForRoom()
        try listener.waitForConnection()
        if !isStopping { try acceptOne() }
        backOff.reset()
      } catch {
        if isStopping { return }
        guard Self.isPassing(error) else { throw error }
        try pause(error)
      }
    }
  }

  /// The fiber is made before the connection is taken: where that fails, the connection stays in the backlog.
  private func acceptOne() throws {
    var accepted: Socket?
    let fiber = try Fiber<Void>.make(name: name) {
      if let socket = accepted { self.handle(socket) }
      accepted = nil
    }
    guard let socket = try listener.acceptWaiting() else { return }
    accepted = socket
    connections[ObjectIdentifier(socket)] = socket
    pool.began(fiber) { [self] in
      // Closed already, unless the handler was cancelled before it began.
      socket.close()
      connections[ObjectIdentifier(socket)] = nil
    }
  }

  /// Whether accepting may succeed later: what is short, and what a firewall refused to one connection.
  private static func isPassing(_ error: any Error) -> Bool {
    if case HubError.stacks = error { return true }
    let passing = [EMFILE, ENFILE, ENOMEM, ENOBUFS, EPERM]
    return (error as? Errno).map { passing.contains($0.rawValue) } ?? false
  }

  private func pause(_ error: any Error) throws {
    if backOff.isFresh { onFault(.paused(error)) }
    try pool.waitForRelief(backOff.pause())
  }

  // MARK: Handling

  private func handle(_ socket: Socket) {
    defer { socket.close() }
    do {
      try handler(socket)
    } catch {
      // A handler whose connection was cut off has nothing to tell.
      if socket.descriptor >= 0 || !isStopping { onFault(.handler(error, peer: socket.peer)) }
    }
  }

  // MARK: Stopping

  /// Stops: closes the listener, waits until the handlers have ended, and ends those that have not by the end of `grace`.
  /// Parks until then. Called by a handler it waits for that handler too.
  ///
  /// - Returns: how many connections were cut off.
  @discardableResult
  public func stop(grace: Duration = .seconds(1)) throws -> Int {
    isStopping = true
    listener.close()
    pool.close()
    defer { endConnections() }
    do {
      try pool.waitUntilEmpty(until: .after(grace))
    } catch Errno.timedOut {}
    return connections.count
  }

  /// Ends the handlers that are still there: every wait of theirs fails.
  private func endConnections() {
    pool.cancelAll()
    // In an order that depends on no address: a test's schedule is to be the same each time.
    for socket in connections.values.sorted(by: { $0.descriptor < $1.descriptor }) { socket.close() }
  }
}
