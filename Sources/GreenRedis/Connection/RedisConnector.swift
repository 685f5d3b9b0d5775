internal import Green
internal import GreenHTTP
internal import SystemPackage

/// What makes connections to one server.
struct RedisConnector: Sendable {
  let address: RedisAddress
  let configuration: RedisConfiguration
  private let security: (any ClientSecurity)?

  /// - Throws: ``RedisConnectionError/noEncryption``; `TLSConfigurationError`.
  init(_ address: RedisAddress, _ tls: TLSClientProvider?, _ configuration: RedisConfiguration) throws {
    if address.isEncrypted && tls == nil { throw RedisConnectionError.noEncryption }
    self.address = address
    self.configuration = configuration
    security = address.isEncrypted ? try tls?.security(offering: []) : nil
  }

  /// Connects, and says who asks and which database is meant.
  func open() throws -> RedisConnection {
    let connection = try connect()
    var commands: [RedisCommand] = []
    if let password = address.password {
      commands.append(RedisCommand("AUTH", (address.user.map { [$0] } ?? []) + [password]))
    }
    if address.database != 0 { commands.append(RedisCommand("SELECT", address.database)) }
    do {
      try connection.begin(with: commands)
    } catch {
      connection.close()
      throw error
    }
    return connection
  }

  private func connect() throws -> RedisConnection {
    let deadline = Deadline.after(configuration.connectTimeout)
    do {
      let socket = try connectSocket(until: deadline)
      do {
        return try RedisConnection(socket, over: secure(socket, until: deadline), timeout: configuration.timeout)
      } catch {
        socket.close()
        throw error
      }
    } catch Errno.timedOut {
      throw RedisConnectionError.timedOut(configuration.connectTimeout)
    } catch let error
      where error is Errno || error is ConnectError || error is ResolverError || error is HandshakeFailure
    {
      if deadline.hasPassed { throw RedisConnectionError.timedOut(configuration.connectTimeout) }
      throw RedisConnectionError.refused("\(error)")
    }
  }

  private func connectSocket(until deadline: Deadline) throws -> Socket {
    switch address.place {
    case .host(let host, let port): return try Socket.connect(host: host, port: port, until: deadline)
    case .path(let path):
      guard let place = SocketAddress(unixPath: path) else { throw RedisConnectionError.address(path) }
      return try Socket.connect(to: place, until: deadline)
    }
  }

  private func secure(_ socket: Socket, until deadline: Deadline) throws -> any ByteStream {
    guard let security, case .host(let host, _) = address.place else { return socket }
    return try security.secure(socket, as: host, until: deadline)
  }
}
