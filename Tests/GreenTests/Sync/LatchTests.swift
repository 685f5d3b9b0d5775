import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct LatchTests {
  @Test func itOpensWhenItHasBeenCountedDownAndStaysOpen() throws {
    let latch = Latch(3)
    #expect(latch.count == 3 && !latch.isOpen)
    latch.countDown()
    #expect(throws: Errno.timedOut) { try latch.wait(until: .now) }
    latch.countDown(by: 0)
    latch.countDown(by: 5)
    #expect(latch.count == 0 && latch.isOpen)
    try latch.wait(until: .now)
    latch.countDown()
    #expect(latch.isOpen)
    try Latch(0).wait(until: .now)
  }

  @Test func whateverTheScheduleNobodyGoesOnBeforeAllHaveCountedDown() throws {
    try onEverySchedule {
      let latch = Latch(5)
      var came = 0
      let fibers = (0..<5).map { _ in
        Fiber.spawn {
          Fiber.yield()
          came += 1
          try latch.countDownAndWait()
          return came
        }
      }
      for fiber in fibers { try #require(try fiber.value == 5) }
    }
  }

  @Test func whoIsCancelledHasCountedDownAllTheSame() throws {
    try onHub {
      let latch = Latch(2)
      let one = Fiber.spawn { try latch.countDownAndWait() }
      settle()
      one.cancel()
      #expect(throws: CancellationError.self) { try one.value }
      try latch.countDownAndWait()
    }
  }

  @Test func fibersOfSeveralHubsAndThreadsMeet() throws {
    let latch = Latch(3 * 99 + 3), passed = Mutex(0)
    let hub: () throws -> Void = {
      try onHub {
        for _ in 0..<99 {
          Fiber.spawn {
            try latch.countDownAndWait()
            passed.withLock { $0 += 1 }
          }
        }
      }
    }
    let thread: () throws -> Void = { try latch.countDownAndWait(until: .after(.seconds(60))) }
    try inParallel([hub, thread, hub, thread, hub, thread])
    #expect(passed.withLock { $0 } == 3 * 99)
  }
}
