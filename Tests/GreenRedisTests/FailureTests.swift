import DataServers
import Glibc
import Green
import GreenRedis
import GreenTasks
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct FailureTests {
  @Test func aServerThatDiesIsAnErrorAndItsReturnIsNoticed() throws {
    let server = try RedisServer()
    let redis = try Redis(server.address, connections: 2)
    try onHub {
      let blocked = Fiber.spawn { try redis.run(RedisCommand("BLPOP", "none", 60), patience: .seconds(60)) }
      try redis.set("a", to: "b")
      try offload { server.stop() }
      #expect(throws: RedisConnectionError.self) { try blocked.value }
      #expect(throws: RedisConnectionError.self) { try redis.get("a") }
      try offload { try server.start() }
      let value = try redis.get("a")
      #expect(value == nil)
      redis.close()
    }
  }

  @Test func aServerThatDoesNotAnswerIsGivenUpInTime() throws {
    let server = try RedisServer()
    var configuration = RedisConfiguration()
    configuration.timeout = .milliseconds(200)
    let redis = try Redis(server.address, connections: 1, configuration: configuration)
    try onHub {
      // Without the pause it has all the time that it needs.
      try redis.run(RedisCommand("SET", "a", 1), patience: .seconds(60))
      server.pause(true)
      #expect(throws: RedisConnectionError.timedOut(.milliseconds(200))) { try redis.increment("a") }
      server.pause(false)
      // The late answer is nobody's.
      let echoed = try redis.run(RedisCommand("ECHO", "x"), patience: .seconds(60)).string
      #expect(echoed == "x")
      redis.close()
    }
  }

  @Test func anInterruptedWaitLeavesNoAnswerForTheNext() throws {
    try withRedis(connections: 1) { redis, prefix in
      for _ in 0..<3 {
        #expect(throws: TimeoutError.self) {
          try withTimeout(.milliseconds(20)) {
            try redis.run(RedisCommand("BLPOP", prefix, 60), patience: .seconds(60))
          }
        }
        let fiber = Fiber.spawn { try redis.run(RedisCommand("BLPOP", prefix, 60), patience: .seconds(60)) }
        Fiber.yield()
        fiber.cancel()
        #expect(throws: CancellationError.self) { try fiber.value }
        let echoed = try redis.command("ECHO", "x").string
        #expect(echoed == "x")
      }
    }
  }

  @Test func whatIsNotItsProtocolIsAnError() throws {
    try onHub {
      for answer in [
        "HTTP/1.1 400 Bad Request\r\n\r\n", "$-7\r\n", "*3\r\n:1\r\n!\r\n", ":1\r\n:2\r\n", "$5\r\nab", "",
      ] {
        let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
        let serving = Fiber.spawn {
          while true {
            let socket = try listener.accept()
            var buffer = [UInt8](repeating: 0, count: 1000)
            _ = try buffer.withUnsafeMutableBytes { try socket.receive(into: $0) }
            try Array(answer.utf8).withUnsafeBytes { try socket.send($0) }
            socket.close()
          }
        }
        var configuration = RedisConfiguration()
        configuration.timeout = .seconds(60)
        let redis = try Redis(
          "redis://127.0.0.1:\(listener.localAddress!.port!)", connections: 1, configuration: configuration)
        // What comes unasked after an answer is not the next answer.
        for _ in 0..<2 {
          if answer == ":1\r\n:2\r\n" {
            let value = try redis.increment("a")
            #expect(value == 1)
          } else {
            #expect(throws: RedisConnectionError.self) { try redis.increment("a") }
          }
        }
        serving.cancel()
        redis.close()
      }
    }
  }

  @Test func aForkedChildHasConnectionsOfItsOwn() throws {
    let redis = try Redis.ofTests(connections: 1)
    defer { redis.close() }
    let mine = try redis.command("CLIENT", "ID").integer
    let status = endOfChild {
      let its = try? redis.command("CLIENT", "ID").integer
      redis.close()
      return its != nil && its != mine
    }
    #expect(status == 0)
    let still = try redis.command("CLIENT", "ID").integer
    #expect(still == mine)
  }

  @Test func tasksOfOtherExecutorsMayUseIt() async throws {
    let redis = try Redis.ofTests(connections: 3)
    defer { redis.close() }
    let executor = QueueExecutor()
    try await withThrowingTaskGroup(of: Int?.self) { group in
      for number in 0..<20 {
        group.addTask(executorPreference: executor) {
          try await redis.withConnection { connection in
            await Task.yield()
            return try connection.command("ECHO", number).integer
          }
        }
      }
      var sum = 0
      for try await value in group { sum += value ?? 0 }
      #expect(sum == 190)
    }
  }
}
