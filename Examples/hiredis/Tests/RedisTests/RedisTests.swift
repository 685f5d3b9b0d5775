import Foundation
import Green
import Redis
import SystemPackage
import Testing

/// Runs `body` as the first fiber of a hub, on a thread of its own.
private func onHub(_ body: @escaping @Sendable () throws -> Void) throws {
  let result = Mutex<Result<Void, any Error>?>(nil)
  let isDone = DispatchSemaphore(value: 0)
  Thread.detachNewThread {
    let outcome = Result { try Hub.run(body) }
    result.withLock { $0 = outcome }
    isDone.signal()
  }
  isDone.wait()
  try result.withLock { $0 }!.get()
}

private func withServer(_ body: @escaping @Sendable (RedisServer) throws -> Void) throws {
  nonisolated(unsafe) let server = try RedisServer()
  defer { server.stop() }
  try onHub { try body(server) }
}

@Suite struct RedisTests {
  @Test func aHundredFibersCommandAtOnceOverOneConnection() throws {
    try withServer { server in
      let redis = try RedisConnection(port: server.port, until: .after(.seconds(10)))
      defer { redis.close() }
      let fibers = (0..<100).map { index in
        Fiber.spawn {
          try redis.command("SET", "key \(index)", "value \(index)")
          try redis.command("INCR", "counter")
          let value = try redis.command("GET", "key \(index)")
          #expect(value == .text("value \(index)"))
        }
      }
      for fiber in fibers { try fiber.value }
      let counter = try redis.command("GET", "counter")
      #expect(counter == .text("100"))
    }
  }

  @Test func fibersGoOnWhileOneWaitsForTheServer() throws {
    try withServer { server in
      let (waiting, other) = (try RedisConnection(port: server.port), try RedisConnection(port: server.port))
      defer {
        waiting.close()
        other.close()
      }
      let taker = Fiber.spawn { try waiting.command("BLPOP", "queue", "30") }
      var ticks = 0
      let ticker = Fiber.spawn {
        while !taker.isFinished {
          try Fiber.sleep(for: .milliseconds(1))
          ticks += 1
        }
      }
      try Fiber.sleep(for: .milliseconds(50))
      try other.command("RPUSH", "queue", "late")
      let taken = try taker.value
      try ticker.value
      #expect(taken == .array([.text("queue"), .text("late")]))
      #expect(ticks > 5)
    }
  }

  @Test func theExampleCountsAHundredVisits() throws {
    let server = try RedisServer()
    let process = Process()
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.executableURL = tests.deletingLastPathComponent().appendingPathComponent("visits")
    process.arguments = ["\(server.port)"]
    let output = Foundation.Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(text == "visits: text(\"100\")\n")
  }

  @Test func onlyTheGuestsWatchersKeepTheHubFromBeingTakenForDeadlocked() throws {
    try withServer { server in
      // No other fiber, no timer, no descriptor of the hub's own: only hiredis' watcher can wake anybody.
      let redis = try RedisConnection(port: server.port)
      defer { redis.close() }
      let empty = try redis.command("BLPOP", "nothing", "0.1")
      #expect(empty == .null)
    }
  }

  @Test func everyKindOfReplyIsCopied() throws {
    try withServer { server in
      let redis = try RedisConnection(port: server.port)
      defer { redis.close() }
      #expect(try redis.command("PING") == .text("PONG"))
      #expect(try redis.command("GET", "missing") == .null)
      #expect(try redis.command("INCR", "n") == .integer(1))
      #expect(try redis.command("SET", "empty", "") == .text("OK"))
      #expect(try redis.command("MGET", "n", "missing", "empty") == .array([.text("1"), .null, .text("")]))
      let error = #expect(throws: RedisError.self) { try redis.command("NONSENSE") }
      #expect(error?.description.contains("unknown command") == true)
    }
  }

  @Test func aDeadlineOrACancellationEndsTheWaitAndTheConnectionGoesOn() throws {
    try withServer { server in
      let redis = try RedisConnection(port: server.port)
      defer { redis.close() }
      #expect(throws: Errno.timedOut) {
        try redis.command("BLPOP", "nothing", "0.2", until: .after(.milliseconds(20)))
      }
      let fiber = Fiber.spawn { try redis.command("BLPOP", "nothing", "0.2") }
      Fiber.yield()
      fiber.cancel()
      #expect(throws: CancellationError.self) { try fiber.value }
      #expect(try redis.command("PING") == .text("PONG"))
    }
  }

  @Test func whereNobodyListensItSaysSo() throws {
    try onHub {
      let port = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!).address!.port!
      let error = #expect(throws: RedisError.self) { try RedisConnection(port: port, until: .after(.seconds(10))) }
      #expect(error?.description == "Connection refused")
    }
  }

  @Test func aServerThatGoesAwayFailsTheCommandsUnderWayAndLaterOnes() throws {
    try withServer { server in
      let redis = try RedisConnection(port: server.port)
      let fibers = (0..<10).map { _ in Fiber.spawn { try redis.command("BLPOP", "nothing", "30") } }
      try Fiber.sleep(for: .milliseconds(20))
      server.stop()
      for fiber in fibers { #expect(throws: RedisError.self) { try fiber.value } }
      #expect(throws: RedisError.self) { try redis.command("PING") }
    }
  }
}
