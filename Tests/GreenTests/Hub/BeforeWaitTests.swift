import Glibc
import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct BeforeWaitTests {
  /// How often each was called.
  private final class Calls {
    var count = 0
  }

  @Test func itIsCalledOnceBeforeTheNextWaitOrYield() throws {
    try onHub {
      let calls = Calls()
      let beforeWait = BeforeWait { calls.count += 1 }
      let waits: [() throws -> Void] = [
        { Fiber.yield() }, { try Fiber.sleep(for: .milliseconds(1)) }, { try Fiber.spawn {}.value },
        { try withShield { try Fiber.sleep(for: .milliseconds(1)) } },
        { try withTimeout(.seconds(5)) { try Fiber.sleep(for: .milliseconds(1)) } },
      ]
      for (index, wait) in waits.enumerated() {
        #expect(beforeWait.arm())
        #expect(calls.count == index)
        try wait()
        try wait()
        #expect(calls.count == index + 1)
      }
      #expect(beforeWait.arm())
      beforeWait.disarm()
      Fiber.yield()
      #expect(calls.count == waits.count)
    }
  }

  @Test func cancellationAndDeadlinesStayWhatTheyAre() throws {
    try onHub {
      let calls = Calls()
      let fiber = Fiber.spawn {
        let beforeWait = BeforeWait { calls.count += 1 }
        _ = beforeWait.arm()
        #expect(throws: TimeoutError.self) {
          try withTimeout(.milliseconds(5)) { try Fiber.sleep(for: .seconds(60)) }
        }
        _ = beforeWait.arm()
        #expect(throws: CancellationError.self) { try Fiber.sleep(for: .seconds(60)) }
        _ = beforeWait.arm()
        #expect(throws: CancellationError.self) { try Fiber.sleep(for: .seconds(60)) }
      }
      try Fiber.sleep(for: .milliseconds(30))
      fiber.cancel()
      try fiber.join()
      #expect(calls.count == 3)
    }
  }

  @Test func aWakeThatComesMeanwhileIsNotLost() throws {
    try onHub {
      let event = Event()
      let beforeWait = BeforeWait { event.set() }
      #expect(beforeWait.arm())
      try event.wait(until: .after(.seconds(5)))
      // The fiber is in no queue twice.
      var turns = 0
      let other = Fiber.spawn { for _ in 0..<3 { turns += 1; Fiber.yield() } }
      for round in 1...3 {
        Fiber.yield()
        #expect(turns == round)
      }
      try other.value
    }
  }

  @Test func itIsForOneFiberAlone() throws {
    try onHub {
      let calls = Calls()
      let beforeWait = BeforeWait { calls.count += 1 }
      try Fiber.spawn {
        #expect(!beforeWait.arm())
        Fiber.yield()
      }.value
      #expect(try onThread { !BeforeWait {}.arm() })
      #expect(calls.count == 0)
    }
  }

  @Test func oneThatWasArmedBeforeAnotherIsCalledThen() throws {
    try onHub {
      let (first, second) = (Calls(), Calls())
      let one = BeforeWait { first.count += 1 }
      let other = BeforeWait { second.count += 1 }
      #expect(one.arm() && other.arm())
      #expect(first.count == 1 && second.count == 0)
      Fiber.yield()
      #expect(first.count == 1 && second.count == 1)
    }
  }

  @Test func itLeavesErrnoAsItWas() throws {
    try onHub {
      let beforeWait = BeforeWait { errno = EIO }
      #expect(beforeWait.arm())
      errno = 0
      Fiber.yield()
      #expect(errno == 0)
    }
  }
}
