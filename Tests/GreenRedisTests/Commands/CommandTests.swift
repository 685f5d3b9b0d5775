import DataServers
import Green
import GreenRedis
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct CommandTests {
  @Test func valuesComeBackAsTheyWent() throws {
    try withRedis { redis, prefix in
      let values: [[UInt8]] = [
        [], [0], Array("a\r\n$3\r\nfoo\r\n".utf8), [UInt8](0...255), [UInt8](repeating: 7, count: 8 << 20),
      ]
      for (number, value) in values.enumerated() {
        try redis.set(prefix + "\(number)", to: value)
        let returned = try redis.getBytes(prefix + "\(number)")
        #expect(returned == value)
      }
      let none = try redis.get(prefix + "none")
      #expect(none == nil)
      let text = "ä€🙂 \0"
      try redis.set(prefix + text, to: text)
      let returned = try redis.get(prefix + text)
      #expect(returned == text)
    }
  }

  @Test func theUsualCommands() throws {
    try withRedis { redis, prefix in
      let key = prefix + "a"
      var isSet = try redis.set(key, to: "1", onlyIfAbsent: true)
      #expect(isSet)
      isSet = try redis.set(key, to: "2", onlyIfAbsent: true)
      #expect(!isSet)
      isSet = try redis.replace(prefix + "nothing", with: "2")
      #expect(!isSet)
      isSet = try redis.replace(key, with: "1", expiringAfter: .seconds(50))
      #expect(isSet)
      let sum = try redis.increment(key, by: 41)
      #expect(sum == 42)
      try redis.expire(key, after: .seconds(100))
      let left = try redis.timeToLive(key)
      #expect(left! > .seconds(90) && left! <= .seconds(100))
      try redis.set(key, to: "x", expiringAfter: .milliseconds(20))
      try Fiber.sleep(for: .milliseconds(60))
      let isThere = try redis.exists(key)
      #expect(!isThere)
      try redis.setHash(key, ["a": 1, "b": "two"])
      let hash = try redis.hash(key)
      #expect(hash == ["a": "1", "b": "two"])
      try redis.command("ZADD", key + "z", 2.5, "eve", 1, "adam")
      let scores = try redis.command("ZRANGE", key + "z", 0, -1, "WITHSCORES").pairs
      #expect(scores?.map(\.0) == ["adam", "eve"] && scores?.last?.1.double == 2.5)
      let count = try redis.delete(key, key + "z", key + "none")
      #expect(count == 2)
    }
  }

  @Test func aCommandThatFailsIsThrownAndTheConnectionGoesOn() throws {
    try withRedis(connections: 1) { redis, prefix in
      try redis.set(prefix, to: "text")
      let error = #expect(throws: RedisError.self) { try redis.command("LPUSH", prefix, 1) }
      #expect(error?.code == "WRONGTYPE")
      #expect(throws: RedisError.self) { try redis.command("NOSUCH") }
      let text = try redis.get(prefix)
      #expect(text == "text" && redis.pool.statistics.open == 1)
    }
  }

  @Test func aPipelineAnswersEachOfItsCommands() throws {
    try withRedis { redis, prefix in
      let answers = try redis.pipeline { pipeline in
        for number in 0..<1000 { pipeline.add("SET", prefix + "\(number)", number) }
        pipeline.add("LPUSH", prefix + "1", 1)
        for number in 0..<1000 { pipeline.add("GET", prefix + "\(number)") }
      }
      #expect(answers.count == 2001 && answers.last?.integer == 999)
      guard case .error(let error) = answers[1000] else {
        Issue.record("no error")
        return
      }
      #expect(error.code == "WRONGTYPE")
      let nothing = try redis.pipeline { _ in }
      #expect(nothing.isEmpty)
    }
  }

  @Test func aTransactionIsCarriedOutAsOneOrNotAtAll() throws {
    try withRedis { redis, prefix in
      let answers = try redis.transaction { transaction in
        transaction.add("SET", prefix, 1)
        transaction.add("INCR", prefix)
      }
      #expect(answers == [.status("OK"), .integer(2)])
      #expect(throws: RedisError.self) {
        try redis.transaction { transaction in
          transaction.add("INCR", prefix)
          transaction.add("NOSUCH")
        }
      }
      let value = try redis.get(prefix)
      #expect(value == "2")
    }
  }

  @Test func watchedKeysThatChangeLetItBeTriedAgain() throws {
    try withRedis { redis, prefix in
      try redis.set(prefix, to: 0)
      let fibers = (0..<10).map { _ in
        Fiber.spawn {
          try redis.transaction(watching: [prefix], attempts: 1000) { connection, transaction in
            let now = try connection.get(prefix).flatMap { Int($0) } ?? 0
            Fiber.yield()
            transaction.add("SET", prefix, now + 1)
          }
        }
      }
      for fiber in fibers { #expect(try fiber.value != nil) }
      let value = try redis.get(prefix)
      #expect(value == "10")
    }
  }

  @Test func anAsyncBodyMayWatchToo() async throws {
    let redis = try Redis.ofTests(connections: 5)
    defer { redis.close() }
    let key = "test\(UInt64.random(in: .min ... .max)):watched"
    try redis.set(key, to: 0)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<5 {
        group.addTask {
          let answers = try await redis.transaction(watching: [key], attempts: 1000) { connection, transaction in
            let now = try connection.get(key).flatMap { Int($0) } ?? 0
            await Task.yield()
            transaction.add("SET", key, now + 1)
          }
          return answers != nil
        }
      }
      for try await isDone in group { #expect(isDone) }
    }
    let value = try redis.get(key)
    #expect(value == "5")
    try redis.delete(key)
  }

  @Test func nobodyGetsAConnectionThatAnotherHasLeftInTheMiddleOfSomething() throws {
    try withRedis(connections: 1) { redis, prefix in
      try redis.set(prefix, to: "1")
      for command in [
        ["MULTI"], ["watch", prefix], ["SELECT", "9"], ["CLIENT", "tracking", "ON"], ["SUBSCRIBE", prefix],
      ] {
        let words = command.dropFirst().map { $0 as any RedisArgument }
        let _: Void? = try? redis.withConnection { connection in
          _ = try? connection.run(RedisCommand(command[0], Array(words)))
          throw CancellationError()
        }
        let value = try redis.get(prefix)
        #expect(value == "1", "after \(command)")
        let answers = try redis.transaction { $0.add("GET", prefix) }
        #expect(answers.count == 1, "after \(command)")
      }
      // What ends well leaves the connection as it was.
      let number = try redis.command("CLIENT", "ID").integer
      try redis.transaction { $0.add("GET", prefix) }
      _ = try redis.transaction(watching: [prefix]) { _, transaction in transaction.add("GET", prefix) }
      let same = try redis.command("CLIENT", "ID").integer
      #expect(number == same)
    }
  }

  @Test func aScriptIsSentOnce() throws {
    try withRedis { redis, prefix in
      let script = RedisScript("return {KEYS[1], ARGV[1], redis.call('incr', KEYS[1])}")
      for number in 1...3 {
        let answer = try script.run(on: redis, keys: [prefix], "x")
        #expect(answer == .array([.bytes(Array(prefix.utf8)), .bytes([120]), .integer(number)]))
        if number == 2 { try redis.command("SCRIPT", "FLUSH") }
      }
      #expect(throws: RedisError.self) { try RedisScript("return nonsense(").run(on: redis) }
    }
  }

  @Test func manyFibersAndThreadsAskAtOnce() throws {
    let redis = try Redis.ofTests(connections: 4)
    defer { redis.close() }
    let work = {
      for number in 0..<100 {
        let echoed = try redis.command("ECHO", number).integer
        #expect(echoed == number)
      }
    }
    let hub = {
      try onHub {
        let fibers = (0..<10).map { _ in Fiber.spawn { try work() } }
        for fiber in fibers { try fiber.value }
      }
    }
    try inParallel([work, hub, work, hub])
    #expect(redis.pool.statistics.open <= 4)
  }

  @Test func userPasswordAndDatabaseAreThoseOfTheAddress() throws {
    let server = try RedisServer(settings: ["--requirepass", "p@ss:w/rd"])
    try onHub {
      let redis = try Redis("redis://:p%40ss%3Aw%2Frd@127.0.0.1:\(server.port)/3")
      try redis.set("a", to: "b")
      let (one, same) = (try redis.command("CLIENT", "ID").integer, try redis.command("CLIENT", "ID").integer)
      #expect(one == same)
      let first = try Redis("redis://default:p%40ss%3Aw%2Frd@localhost:\(server.port)")
      let none = try first.get("a")
      #expect(none == nil)
      let wrong = try Redis("redis://:no@127.0.0.1:\(server.port)")
      #expect(throws: RedisError.self) { try wrong.get("a") }
      let path = try Redis("unix://\(server.socketPath)?db=3")
      #expect(throws: RedisError.self) { try path.get("a") }
      for one in [redis, first, wrong, path] { one.close() }
    }
    for text in [
      "", "http://x", "redis://", "redis://::1", "::1", "redis://h:x", "redis://h:1/x", "unix://relative",
      "redis://%zz@h", "unix:///a?x=1", "h:70000",
    ] {
      #expect(throws: RedisConnectionError.self) { try Redis(text) }
    }
  }
}
