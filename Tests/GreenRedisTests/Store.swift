import DataServers
import Green
import GreenRedis
import TestSupport

/// Calls `body` on a hub with the shared server, and a prefix for keys that no other test has.
func withRedis(connections: Int = 5, _ body: @escaping (Redis, String) throws -> Void) throws {
  let redis = try Redis(RedisServer.shared.get().address, connections: connections)
  try onHub {
    defer { redis.close() }
    try body(redis, "test\(UInt64.random(in: .min ... .max)):")
  }
}
