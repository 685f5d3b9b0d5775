import DataServers
import Green
import GreenRedis
import GreenWeb
import SuiteSupport
import TestSupport
import Testing

private struct Broken: Error, Equatable {}

@Suite(.bounded) struct StoreTests {
  private func check(_ store: any ExpiringStore) throws {
    var bytes = try store.read("a")
    #expect(bytes == nil)
    try store.write([1, 0, 2], for: "a", lifetime: .seconds(600))
    bytes = try store.read("a")
    #expect(bytes == [1, 0, 2])
    try store.write([3], for: "b", lifetime: .milliseconds(20))
    try Fiber.sleep(for: .milliseconds(60))
    bytes = try store.read("b")
    #expect(bytes == nil)
    try store.touch("b", lifetime: .seconds(1))
    var wasThere = try store.replace([4], for: "a", lifetime: .seconds(600))
    bytes = try store.read("a")
    #expect(wasThere && bytes == [4])
    try store.remove("a")
    wasThere = try store.replace([5], for: "a", lifetime: .seconds(600))
    bytes = try store.read("a")
    #expect(!wasThere && bytes == nil)
  }

  @Test func storesKeepBytesForTheirTime() throws {
    try withRedis { redis, prefix in
      try self.check(RedisStore(redis, prefix: prefix))
      try self.check(MemoryStore())
    }
  }

  @Test func whatIsTouchedIsKeptForItsNewTime() throws {
    try withRedis { redis, prefix in
      let store = RedisStore(redis, prefix: prefix)
      try store.write([1], for: "a", lifetime: .seconds(600))
      let written = try #require(try redis.timeToLive(prefix + "a"))
      try store.touch("a", lifetime: .seconds(6000))
      let touched = try #require(try redis.timeToLive(prefix + "a"))
      #expect(written > .seconds(500) && written <= .seconds(600))
      #expect(touched > .seconds(5900) && touched <= .seconds(6000))
    }
    try onVirtualHub {
      let store = MemoryStore()
      store.write([1], for: "a", lifetime: .seconds(600))
      store.touch("a", lifetime: .seconds(6000))
      try Fiber.sleep(for: .seconds(5999))
      let kept = store.read("a")
      try Fiber.sleep(for: .seconds(2))
      let gone = store.read("a")
      #expect(kept == [1] && gone == nil)
    }
  }

  @Test func aFullStoreInMemoryLetsGoOfWhatEndsFirst() throws {
    let store = MemoryStore(limit: 10)
    for number in 0..<100 { store.write([UInt8(number)], for: "\(number)", lifetime: .seconds(1000 + number)) }
    let kept = (0..<100).filter { store.read("\($0)") != nil }
    #expect(kept.count <= 10 && kept.last == 99)
  }

  @Test func aRateIsKept() throws {
    try withRedis { redis, prefix in
      let limits = RedisRateLimits(redis, prefix: prefix)
      for number in 0..<20 {
        let wait = try limits.take("a", count: 5, per: .seconds(5000))
        #expect((wait == nil) == (number < 5) && wait ?? .seconds(1) <= .seconds(1000))
      }
      let other = try limits.take("b", count: 5, per: .seconds(5000))
      #expect(other == nil)
      // One more each period / count.
      var refused: Duration?
      for _ in 0..<1000 where refused == nil { refused = try limits.take("c", count: 3, per: .milliseconds(300)) }
      let rest = try #require(refused)
      try Fiber.sleep(for: rest + .milliseconds(20))
      let again = try limits.take("c", count: 3, per: .milliseconds(300))
      #expect(again == nil)
    }
  }

  @Test func aValueIsMadeOnceForAllWhoAskAtOnce() throws {
    try withRedis { redis, prefix in
      let cache = RedisCache(redis, prefix: prefix)
      var made = 0
      let fibers = (0..<20).map { _ in
        Fiber.spawn {
          try cache.value("a", for: .seconds(60)) {
            made += 1
            try Fiber.sleep(for: .milliseconds(50))
            return ["x": 1]
          }
        }
      }
      for fiber in fibers {
        let value = try fiber.value
        #expect(value == ["x": 1])
      }
      #expect(made == 1)
      let kept: [String: Int]? = try cache.get("a")
      #expect(kept == ["x": 1])
      let other: String? = try cache.get("a")
      #expect(other == nil)
      #expect(throws: Broken()) { try cache.value("b", for: .seconds(1)) { () -> Int in throw Broken() } }
      let after = try cache.value("b", for: .seconds(1)) { 2 }
      #expect(after == 2)
      try cache.remove("a")
      let none: [String: Int]? = try cache.get("a")
      #expect(none == nil)
    }
  }

  @Test func anAsyncFunctionMayMakeTheValue() async throws {
    let redis = try Redis.ofTests(connections: 3)
    defer { redis.close() }
    let cache = RedisCache(redis, prefix: "test\(UInt64.random(in: .min ... .max)):")
    for _ in 0..<2 {
      let value = try await cache.value("a", for: .seconds(3600)) { () async throws -> [String: Int] in
        await Task.yield()
        return ["x": 1]
      }
      #expect(value == ["x": 1])
    }
    let kept: [String: Int]? = try cache.get("a")
    #expect(kept == ["x": 1])
    try cache.remove("a")
  }

  @Test func aCacheWithoutRedisMakesTheValue() throws {
    try onHub {
      let cache = RedisCache(try Redis("redis://127.0.0.1:1"))
      let value = try cache.value("a", for: .seconds(1)) { 3 }
      #expect(value == 3)
    }
  }
}
