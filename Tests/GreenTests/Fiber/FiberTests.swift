import Green
import SuiteSupport
import TestSupport
import Testing

private struct Broken: Error, Equatable {}

@Suite(.bounded) struct FiberTests {
  @Test func fibersRunInTheOrderInWhichTheyWereSpawned() throws {
    let order = try onHub {
      var order: [Int] = []
      let fibers = (0..<10).map { index in Fiber.spawn { order.append(index) } }
      #expect(order.isEmpty, "spawn does not run the fiber itself")
      for fiber in fibers { try fiber.value }
      return order
    }
    #expect(order == Array(0..<10))
  }

  @Test func valueIsWhatTheFunctionReturned() throws {
    #expect(try onHub { try Fiber.spawn { 6 * 7 }.value } == 42)
  }

  @Test func valueThrowsWhatTheFunctionThrew() throws {
    try onHub {
      let fiber = Fiber<Void>.spawn { throw Broken() }
      #expect(throws: Broken()) { try fiber.value }
      #expect(throws: Broken()) { try fiber.value }
      #expect(fiber.isFinished)
    }
  }

  @Test func manyMayWaitForOneFiber() throws {
    try onEverySchedule {
      let slow = Fiber.spawn {
        try Fiber.sleep(for: .milliseconds(10))
        return 5
      }
      let waiting = (0..<10).map { _ in Fiber.spawn { try slow.value } }
      let values = try waiting.map { try $0.value }
      #expect(values == Array(repeating: 5, count: 10))
    }
  }

  @Test func yieldLetsTheOthersRunInTurn() throws {
    let order = try onHub {
      var order = ""
      let fibers = ["a", "b", "c"].map { name in
        Fiber.spawn {
          for _ in 0..<3 {
            order += name
            Fiber.yield()
          }
        }
      }
      for fiber in fibers { try fiber.value }
      return order
    }
    #expect(order == "abcabcabc")
  }

  @Test func fibersThatKeepYieldingDoNotStarveTimers() throws {
    try onHub {
      var isOver = false
      let busy = (0..<3).map { _ in Fiber.spawn { while !isOver { Fiber.yield() } } }
      try Fiber.sleep(for: .milliseconds(20))
      isOver = true
      for fiber in busy { try fiber.value }
    }
  }

  @Test func fibersThatKeepYieldingDoNotStarveSockets() throws {
    try onHub {
      var isOver = false
      let busy = Fiber.spawn { while !isOver { Fiber.yield() } }
      let listener = try Listener.bind(SocketAddress(host: "127.0.0.1", port: 0)!)
      let server = Fiber.spawn { _ = try listener.accept(until: .after(.seconds(5))) }
      _ = try Socket.connect(to: listener.address!, until: .after(.seconds(5)))
      try server.value
      isOver = true
      try busy.value
    }
  }

  @Test func sleepersWakeInTheOrderOfTheirDeadlines() throws {
    try onEverySchedule {
      var order: [Int] = []
      let fibers = [30, 10, 20, 0, 40].map { time in
        Fiber.spawn {
          try Fiber.sleep(for: .seconds(time))
          order.append(time)
        }
      }
      for fiber in fibers { try fiber.value }
      #expect(order == [0, 10, 20, 30, 40])
    }
  }

  @Test func aFiberSleepsAtLeastAsLongAsItAskedAgainAndAgain() throws {
    try onHub {
      // Longer, shorter, longer: the timer that an earlier sleep left is too late or too early for the next.
      for time in [20, 1, 15, 0, 5] {
        let elapsed = try seconds { try Fiber.sleep(for: .milliseconds(time)) }
        #expect(elapsed >= Double(time) / 1000)
      }
    }
  }

  @Test func shortSleepsAreNotRoundedUpToMilliseconds() throws {
    try onHub {
      // A busy machine makes any of them longer: one that is short enough shows it.
      var least = Double.infinity
      let deadline = Deadline.after(.seconds(20))
      while least >= 900e-6 && !deadline.hasPassed {
        least = min(least, try seconds { try Fiber.sleep(for: .microseconds(100)) })
      }
      #expect(least >= 100e-6 && least < 900e-6, "\(least) s")
    }
  }

  @Test func tenThousandSleepAtOnce() throws {
    try onHub {
      let elapsed = try seconds {
        let fibers = (0..<10_000).map { _ in Fiber.spawn { try Fiber.sleep(for: .milliseconds(200)) } }
        for fiber in fibers { try fiber.value }
      }
      #expect(elapsed < 20, "one after the other they would take 2,000 s")
    }
  }

  @Test func currentIsTheRunningFiber() throws {
    #expect(Fiber.current == nil)
    try onHub {
      let name = try Fiber.spawn(name: "worker") { Fiber.current?.name }.value
      #expect(name == "worker")
      #expect(Fiber.current?.name == "main")
    }
  }

  @Test func aLongNameIsCutAtACharacter() throws {
    try onHub {
      let fiber = Fiber.spawn(name: String(repeating: "ä", count: 100)) { Fiber.current!.name }
      let name = try fiber.value
      #expect(name.utf8.count <= 63)
    }
  }

  @Test func withoutAHubTheFiberFailsAndSaysWhy() throws {
    try onThread {
      let fiber = Fiber.spawn { 1 }
      #expect(fiber.isFinished)
      #expect(throws: HubError.self) { try fiber.value }
    }
  }

  @Test func sleepWithoutAHubBlocksTheThread() throws {
    let elapsed = try onThread { try seconds { try Fiber.sleep(for: .milliseconds(20)) } }
    #expect(elapsed >= 0.02)
  }
}
