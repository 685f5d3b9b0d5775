import DataServers
import Green
import GreenRedis
import GreenTasks
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct SubscriptionTests {
  /// Publishes until somebody hears it.
  private func publish(_ channel: String, _ text: String, _ redis: Redis) throws {
    while try redis.publish(channel, text) == 0 { try Fiber.sleep(for: .milliseconds(5)) }
  }

  @Test func messagesComeByChannelAndByPattern() throws {
    try withRedis { redis, prefix in
      let subscription = try redis.subscribe(to: prefix + "a", patterns: [prefix + "p.*"])
      try publish(prefix + "a", "one \r\n\0", redis)
      try publish(prefix + "p.x", "two", redis)
      let first = try subscription.next(until: .after(.seconds(60)))
      #expect(first.channel == prefix + "a" && first.text == "one \r\n\0" && first.pattern == nil)
      let second = try subscription.next(until: .after(.seconds(60)))
      #expect(second.channel == prefix + "p.x" && second.pattern == prefix + "p.*")
      #expect(throws: Errno.timedOut) { try subscription.next(until: .after(.milliseconds(20))) }
      try subscription.add(prefix + "b")
      try publish(prefix + "b", "three", redis)
      let third = try subscription.next(until: .after(.seconds(60)))
      #expect(third.text == "three")
      try subscription.remove(prefix + "b")
      while try redis.publish(prefix + "b", "lost") != 0 { try Fiber.sleep(for: .milliseconds(5)) }
      subscription.close()
      #expect(throws: RedisConnectionError.closed) {
        while true { _ = try subscription.next(until: .after(.seconds(60))) }
      }
    }
  }

  @Test func whatIsPublishedOnceItHasBegunIsReceived() throws {
    try withRedis { redis, prefix in
      for number in 0..<50 {
        let subscription = try redis.subscribe(to: prefix, prefix + "b", prefix, patterns: [prefix + "p.*"])
        defer { subscription.close() }
        for channel in [prefix, prefix + "b", prefix + "p.x"] {
          #expect(try redis.publish(channel, "\(number)") == 1)
          #expect(try subscription.next(until: .after(.seconds(60))).text == "\(number)")
        }
      }
    }
  }

  @Test func closingEndsTheWait() throws {
    try withRedis { redis, prefix in
      let subscription = try redis.subscribe(to: prefix)
      let waiting = Fiber.spawn { try subscription.next() }
      try Fiber.sleep(for: .milliseconds(10))
      subscription.close()
      #expect(throws: RedisConnectionError.closed) { try waiting.value }
    }
  }

  @Test func aLostConnectionIsMadeAnew() throws {
    let server = try RedisServer()
    let redis = try Redis(server.address)
    try onHub {
      let subscription = try redis.subscribe(to: "a")
      let waiting = Fiber.spawn { try subscription.next(until: .after(.seconds(60))) }
      try publish("a", "before", redis)
      let before = try waiting.value
      #expect(before.text == "before")
      let later = Fiber.spawn { try subscription.next(until: .after(.seconds(60))) }
      try Fiber.sleep(for: .milliseconds(20))
      try offload {
        server.stop()
        try server.start()
      }
      try publish("a", "after", redis)
      let after = try later.value
      #expect(after.text == "after" && subscription.connections >= 2)
      subscription.close()
      redis.close()
    }
  }

  @Test func tasksTakeThemAsASequence() async throws {
    try await aside {
      try withRedis { redis, prefix in
        let subscription = try redis.subscribe(to: prefix)
        for number in 0..<3 { try publish(prefix, "\(number)", redis) }
        let all = try Fiber.await {
          var all: [String] = []
          for try await message in subscription {
            all.append(message.text)
            if all.count == 3 { break }
          }
          return all
        }
        #expect(all == ["0", "1", "2"])
      }
    }
  }
}
