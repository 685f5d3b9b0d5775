public import Green
public import GreenHTTP

/// A Redis server, by a pool of connections.
///
/// ```swift
/// let redis = try Redis("redis://localhost:6379/0", connections: 10)
/// try redis.set("greeting", to: "hello", expiringAfter: .seconds(60))
/// let greeting = try redis.get("greeting")
/// let members = try redis.command("ZRANGE", "scores", 0, 9).array
/// ```
///
/// In a fiber a call parks, on a thread it blocks. Connections are opened when they are needed, and one that is lost is
/// replaced by the next call. They belong to a process: a forked child opens its own.
public final class Redis: Sendable {
  /// The connections.
  public let pool: Pool<RedisConnection>
  let connector: RedisConnector
  var configuration: RedisConfiguration { connector.configuration }

  /// - Parameters:
  ///   - address: `redis://user:password@host:6379/database`, `rediss://…` for TLS, `unix:///path/of/socket?db=1`, or
  ///     `host:port`.
  ///   - connections: the most connections at once in this process.
  ///   - wait: how long a call waits for a connection before it fails with `PoolError.exhausted`.
  ///   - tls: what encrypts where the address is `rediss://`: `.openSSL` of the module `GreenTLS`. The server's
  ///     certificate must be for the address's host.
  ///   - configuration: what is seldom changed.
  /// - Throws: ``RedisConnectionError/address(_:)``, ``RedisConnectionError/noEncryption``; `TLSConfigurationError`.
  public init(
    _ address: String = "redis://127.0.0.1:6379", connections: Int = 10, wait: Duration = .seconds(5),
    tls: TLSClientProvider? = nil, configuration: RedisConfiguration = RedisConfiguration()
  ) throws {
    let connector = try RedisConnector(RedisAddress(address), tls, configuration)
    self.connector = connector
    pool = Pool(
      limit: connections, wait: wait, idleTimeout: configuration.idleTimeout, lifetime: configuration.lifetime
    ) {
      try connector.open()
    }
  }

  /// Closes the connections, those in use when they are given back.
  public func close() { pool.close() }
}
