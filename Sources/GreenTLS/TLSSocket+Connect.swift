internal import CTLS
public import Green
internal import GreenHTTP
internal import SystemPackage

extension TLSSocket {
  /// Connects to a server by name or address, and makes the handshake. Parks until it has been made.
  ///
  /// - Parameters:
  ///   - host: the server's name, which its certificate must be for, or its address.
  ///   - port: the server's port.
  ///   - context: what connections have in common; one with the defaults unless given. To be made once, and not for each
  ///     connection: it reads the authorities' certificates.
  ///   - deadline: for the name, the connection and the handshake together.
  /// - Throws: `HandshakeFailure` where the server is not who it should be, or does not keep to the rules;
  ///   `TLSConfigurationError`; what `Socket.connect(host:port:attemptDelay:until:configure:)` throws.
  public static func connect(
    host: String, port: UInt16, context: TLSContext? = nil, until deadline: Deadline = .after(.seconds(30))
  ) throws -> TLSSocket {
    let context = try context ?? standardContext.get()
    let socket = try Socket.connect(host: host, port: port, until: deadline)
    do {
      return try secure(socket, as: host, context: context, until: deadline)
    } catch {
      socket.close()
      throw error
    }
  }

  /// Makes the handshake of a client on a connected socket, such as one that a proxy has made a way through. Parks until it
  /// has been made.
  ///
  /// - Parameters:
  ///   - socket: what it is spoken over; the caller's to close where this throws.
  ///   - name: the server's name, which its certificate must be for, or its address.
  ///   - context: as of ``connect(host:port:context:until:)``.
  ///   - deadline: for the handshake.
  /// - Throws: `HandshakeFailure`, `TLSConfigurationError`; `Errno.timedOut` at the deadline.
  public static func secure(
    _ socket: Socket, as name: String, context: TLSContext? = nil, until deadline: Deadline = .after(.seconds(30))
  ) throws -> TLSSocket {
    let context = try context ?? standardContext.get()
    let stream = try TLSSocket(socket, context)
    guard stream.exclusively({ ctls_connection_peer($0, name, context.verifiesPeer) }) else {
      throw Errno.invalidArgument
    }
    try stream.handshake(until: deadline)
    return stream
  }

  private static let standardContext = Result { try TLSContext(client: TLSClientConfiguration()) }
}
