internal import Glibc
internal import SystemPackage

/// A server of a protocol of one's own over UDP or Unix domain datagrams: each datagram is handled in a fiber.
///
/// ```swift
/// let socket = try DatagramSocket.bind(SocketAddress(host: "127.0.0.1", port: 7)!)
/// try DatagramServer(socket, maximumHandlers: 1000) { try $0.reply($0.bytes) }.run()
/// ```
///
/// While ``maximumHandlers`` run, nothing is received: datagrams wait in the kernel's buffer, and what does not fit
/// there is lost, as datagrams may be.
///
/// A server belongs to the hub on which it was started.
public final class DatagramServer {
  /// The socket that it receives from.
  public let socket: DatagramSocket
  /// The longest datagram that is received whole, in bytes.
  public let maximumSize: Int
  /// How many datagrams are handled at once.
  public var maximumHandlers: Int { pool.limit }
  /// Called with what goes wrong, in the fiber where it does. Says it on standard error unless set.
  public var onFault: (ServerFault) -> Void = ServerFault.report

  private let name: String
  private let handler: (Datagram) throws -> Void
  private let pool: HandlerPool
  private var backOff = BackOff()
  private var isStopping = false

  /// A server that is not running yet.
  ///
  /// - Parameters:
  ///   - socket: closed when the server stops.
  ///   - maximumHandlers: at least 1.
  ///   - maximumSize: 65,535 is more than any UDP datagram has.
  ///   - name: of the fibers that handle datagrams.
  ///   - handler: called with each datagram, in a fiber of its own.
  public init(
    _ socket: DatagramSocket, maximumHandlers: Int = .max, maximumSize: Int = 65_535, name: String = "datagram",
    handler: @escaping (Datagram) throws -> Void
  ) {
    self.socket = socket
    self.maximumSize = max(1, maximumSize)
    self.name = name
    self.handler = handler
    pool = HandlerPool(limit: maximumHandlers)
  }

  /// How many datagrams are being handled.
  public var openHandlers: Int { pool.running }

  /// Begins to receive, in a fiber of the calling hub. Does nothing to a server that was started.
  ///
  /// What makes receiving impossible for good is told to ``onFault``, as ``ServerFault/ended(_:)``.
  ///
  /// - Throws: ``HubError`` where there is no hub, or no stack for the fiber.
  public func start() throws {
    try pool.begin("receive", told: { self.onFault($0) }) { try self.receiveDatagrams() }
  }

  /// Starts the server and waits until it has been stopped.
  ///
  /// - Throws: as ``start()``; what made receiving impossible for good, such as a socket that somebody closed.
  public func run() throws {
    try start()
    try pool.wait { _ = try stop() }
  }

  private func receiveDatagrams() throws {
    var buffer = [UInt8](repeating: 0, count: maximumSize)
    while !isStopping {
      do {
        try pool.waitForRoom()
        try Readiness.wait(for: socket.descriptor, .read)
        if !isStopping { try receiveOne(&buffer) }
        backOff.reset()
      } catch {
        if isStopping { return }
        guard Self.isPassing(error) else { throw error }
        try pause(error)
      }
    }
  }

  /// The fiber is made before the datagram is taken: where that fails, the datagram stays in the kernel's buffer.
  private func receiveOne(_ buffer: inout [UInt8]) throws {
    var received: Datagram?
    let fiber = try Fiber<Void>.make(name: name) {
      if let datagram = received { self.handle(datagram) }
      received = nil
    }
    let what: ReceivedDatagram
    do {
      what = try buffer.withUnsafeMutableBytes { try socket.receive(into: $0, until: .now) }
    } catch Errno.timedOut, Errno.connectionRefused, Errno.connectionReset {
      // Nothing after all; or the kernel tells that a reply found nobody, which is not this datagram's fault.
      return
    }
    received = Datagram(
      bytes: Array(buffer[..<what.count]), sender: what.sender, isTruncated: what.isTruncated, socket: socket)
    pool.began(fiber)
  }

  private static func isPassing(_ error: any Error) -> Bool {
    if case HubError.stacks = error { return true }
    return (error as? Errno).map { [ENOMEM, ENOBUFS].contains($0.rawValue) } ?? false
  }

  private func pause(_ error: any Error) throws {
    if backOff.isFresh { onFault(.paused(error)) }
    try pool.waitForRelief(backOff.pause())
  }

  private func handle(_ datagram: Datagram) {
    do {
      try handler(datagram)
    } catch {
      if socket.descriptor >= 0 || !isStopping { onFault(.handler(error, peer: datagram.sender)) }
    }
  }

  /// Stops: receives no more, waits until the handlers have ended, and closes the socket at the end of `grace` at the
  /// latest. Parks until then. Called by a handler it waits for that handler too.
  ///
  /// - Returns: how many handlers had not ended.
  @discardableResult
  public func stop(grace: Duration = .seconds(1)) throws -> Int {
    isStopping = true
    Hub.current?.descriptors.callOffReaders(socket.descriptor)
    pool.close()
    defer { endHandlers() }
    do {
      try pool.waitUntilEmpty(until: .after(grace))
    } catch Errno.timedOut {}
    return pool.running
  }

  /// Ends the handlers that are still there: every wait of theirs fails.
  private func endHandlers() {
    pool.cancelAll()
    socket.close()
  }
}
