import Green
import Redis

// A hundred fibers count on one connection to the Redis server at 127.0.0.1, port 6379 or the one that is given:
// swift run visits 6380

let port = CommandLine.arguments.dropFirst().first.flatMap { UInt16($0) } ?? 6379
try Hub.run {
  let redis = try RedisConnection(port: port, until: .after(.seconds(5)))
  defer { redis.close() }
  try redis.command("DEL", "visits")
  let visitors = (0..<100).map { _ in Fiber.spawn { try redis.command("INCR", "visits") } }
  for visitor in visitors { _ = try visitor.value }
  print("visits: \(try redis.command("GET", "visits"))")
}
