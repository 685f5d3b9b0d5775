import Green
import SuiteSupport
import TestSupport
import Testing

@Suite(.bounded) struct StuckFiberTests {
  @Test func fibersThatWaitForOneAnotherAreFoundWhileOthersRun() throws {
    try onHub {
      let hub = Hub.current!
      var second: Fiber<Void>?
      let first = Fiber.spawn(name: "first") {
        Fiber.yield()
        try second?.join()
      }
      second = Fiber.spawn(name: "second") { try first.join() }
      let third = Fiber.spawn(name: "after them") { try first.join() }
      let event = Event()
      let others = [
        Fiber.spawn { try event.wait() }, Fiber.spawn { try Fiber.sleep(for: .seconds(60)) },
        Fiber.spawn { try first.join(until: .after(.seconds(60))) },
        Fiber.spawn { try withTimeout(.seconds(60)) { try first.join() } },
      ]
      let last = Fiber.spawn { try others[0].join() }
      settle()
      #expect(hub.stuckFibers().map(\.name) == ["first", "second", "after them"])
      first.cancel()
      for fiber in [first, second!, third] { try fiber.join() }
      #expect(hub.stuckFibers().isEmpty)
      for fiber in others { fiber.cancel() }
      try last.join()
    }
  }

  @Test func locksAndGroupsCountToo() throws {
    try onHub {
      let hub = Hub.current!
      let mutex = Mutex(0)
      var waiting: Fiber<Void>?
      let holding = Fiber.spawn(name: "holding") {
        try mutex.withLock { _ in
          Fiber.yield()
          try waiting?.join()
        }
      }
      waiting = Fiber.spawn(name: "waiting") { mutex.withLock { $0 += 1 } }
      settle()
      #expect(hub.stuckFibers().map(\.name) == ["holding", "waiting"])
      holding.cancel()
      try waiting?.value

      var whole: Fiber<Void>?
      whole = Fiber.spawn(name: "group") {
        try withFiberGroup(of: Void.self) { group in
          try group.spawn(name: "child") {
            Fiber.yield()
            try whole?.join()
          }
        }
      }
      settle()
      #expect(hub.stuckFibers().map(\.name) == ["group", "child"])
      whole?.cancel()
      try whole?.join()
      #expect(hub.stuckFibers().isEmpty)
    }
  }
}
