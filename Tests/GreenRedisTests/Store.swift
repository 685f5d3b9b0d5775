import DataServers
import Green
import GreenRedis
import TestSupport

extension Redis {
  /// The shared server, by so many connections. It may be busy, or stand still, for longer than an application would bear.
  static func ofTests(connections: Int) throws -> Redis {
    var configuration = RedisConfiguration()
    (configuration.connectTimeout, configuration.timeout) = (.seconds(60), .seconds(60))
    return try Redis(
      RedisServer.shared.get().address, connections: connections, wait: .seconds(120), configuration: configuration)
  }
}

/// Calls `body` on a hub with the shared server, and a prefix for keys that no other test has.
func withRedis(connections: Int = 5, _ body: @escaping (Redis, String) throws -> Void) throws {
  let redis = try Redis.ofTests(connections: connections)
  try onHub {
    defer { redis.close() }
    try body(redis, "test\(UInt64.random(in: .min ... .max)):")
  }
}
