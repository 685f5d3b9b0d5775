internal import Green
internal import SystemPackage

extension RedisConnection {
  /// Connects, and says who asks and which database is meant.
  static func open(_ address: RedisAddress, _ configuration: RedisConfiguration) throws -> RedisConnection {
    let connection = try RedisConnection(connect(address, configuration), timeout: configuration.timeout)
    var commands: [RedisCommand] = []
    if let password = address.password {
      commands.append(RedisCommand("AUTH", (address.user.map { [$0] } ?? []) + [password]))
    }
    if address.database != 0 { commands.append(RedisCommand("SELECT", address.database)) }
    do {
      for answer in try connection.exchange(commands) { if case .error(let error) = answer { throw error } }
    } catch {
      connection.close()
      throw error
    }
    return connection
  }

  private static func connect(_ address: RedisAddress, _ configuration: RedisConfiguration) throws -> Socket {
    let deadline = Deadline.after(configuration.connectTimeout)
    do {
      switch address.place {
      case .host(let host, let port): return try Socket.connect(host: host, port: port, until: deadline)
      case .path(let path):
        guard let place = SocketAddress(unixPath: path) else { throw RedisConnectionError.address(path) }
        return try Socket.connect(to: place, until: deadline)
      }
    } catch Errno.timedOut {
      throw RedisConnectionError.timedOut(configuration.connectTimeout)
    } catch let error where error is Errno || error is ConnectError || error is ResolverError {
      if deadline.hasPassed { throw RedisConnectionError.timedOut(configuration.connectTimeout) }
      throw RedisConnectionError.refused("\(error)")
    }
  }
}
