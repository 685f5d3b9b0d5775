import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

@Suite(.bounded) struct GraceTests {
  @Test func withinItsGraceAFiberGoesOnAndAfterItEveryWaitThrows() throws {
    try onVirtualHub {
      var steps = 0
      let fiber = Fiber.spawn {
        while true {
          try Fiber.sleep(for: .seconds(1))
          steps += 1
        }
      }
      try Fiber.sleep(for: .milliseconds(500))
      fiber.cancel(grace: .seconds(3))
      #expect(fiber.isEnding && !fiber.isCancelled)
      let took = seconds { #expect(throws: CancellationError.self) { try fiber.value } }
      #expect(abs(took - 3) < 0.1 && steps == 3 && fiber.isCancelled)
    }
  }

  @Test func whoLooksEndsByItself() throws {
    try onVirtualHub {
      let fiber = Fiber.spawn {
        var steps = 0
        while !Fiber.isEnding {
          try Fiber.sleep(for: .seconds(1))
          steps += 1
        }
        return steps
      }
      try Fiber.sleep(for: .milliseconds(1500))
      fiber.cancel(grace: .seconds(60))
      try #expect(fiber.value == 2)
      #expect(!fiber.isCancelled)
    }
  }

  @Test func whereItWaitsForMoreToDoItEndsAtOnceAndWhatItDoesIsFinished() throws {
    try onVirtualHub {
      let jobs = Channel<Int>(capacity: 10)
      var done: [Int] = []
      let worker = Fiber.spawn {
        while let job = try withEarlyCancellation({ try jobs.receive() }) {
          try Fiber.sleep(for: .seconds(2))
          done.append(job)
        }
      }
      try jobs.send(1)
      try Fiber.sleep(for: .seconds(1))
      worker.cancel(grace: .seconds(10))
      let took = seconds { #expect(throws: CancellationError.self) { try worker.value } }
      #expect(done == [1] && took < 1.1)
    }
  }

  @Test func aFiberThatWaitsInAnEarlyScopeIsWoken() throws {
    try onHub {
      let waiting = Fiber.spawn { try withEarlyCancellation { try Event().wait() } }
      let shielded = Fiber.spawn {
        try withEarlyCancellation { try withShield { try Fiber.sleep(for: .milliseconds(5)) } }
        // The scope is over: it may wait again.
        try Fiber.sleep(for: .milliseconds(1))
        return withEarlyCancellation { () -> Bool in
          #expect(throws: CancellationError.self) { try Fiber.sleep(for: .seconds(60)) }
          #expect(throws: CancellationError.self) { try Fiber.checkCancellation() }
          return Fiber.isCancelled
        }
      }
      settle()
      waiting.cancel(grace: .seconds(60))
      shielded.cancel(grace: .seconds(60))
      #expect(throws: CancellationError.self) { try waiting.value }
      try #expect(shielded.value)
    }
  }

  @Test func afterAShieldTheScopeAroundItStillEnds() throws {
    try onHub {
      let fiber = Fiber.spawn {
        try withEarlyCancellation {
          try withShield { try Fiber.sleep(for: .milliseconds(5)) }
          try Event().wait()
        }
      }
      settle()
      fiber.cancel(grace: .seconds(60))
      #expect(throws: CancellationError.self) { try fiber.value }
    }
  }

  @Test func theGraceThatEndsFirstCountsAndTheFirstCauseStays() throws {
    struct Why: Error, Equatable { let text: String }
    try onVirtualHub {
      let fiber = Fiber.spawn { try Event().wait() }
      Fiber.yield()
      fiber.cancel(grace: .seconds(30), cause: Why(text: "first"))
      fiber.cancel(grace: .seconds(5), cause: Why(text: "second"))
      fiber.cancel(grace: .seconds(20))
      let took = seconds { #expect(throws: CancellationError.self) { try fiber.value } }
      #expect(abs(took - 5) < 0.1 && fiber.cancellationCause as? Why == Why(text: "first"))
      let other = Fiber.spawn { try Event().wait() }
      Fiber.yield()
      other.cancel(grace: .zero)
      #expect(other.isCancelled)
      #expect(throws: CancellationError.self) { try other.value }
    }
  }

  @Test func aFiberThatHasEndedLeavesNoTimer() throws {
    try onHub {
      let hub = Hub.current!
      let before = hub.counters.timers
      let fibers = (0..<100).map { _ in Fiber.spawn { while !Fiber.isEnding { Fiber.yield() } } }
      Fiber.yield()
      for fiber in fibers { fiber.cancel(grace: .seconds(3600)) }
      for fiber in fibers { try fiber.value }
      #expect(hub.counters.timers <= before + 1)
    }
  }

  @Test func oneThatHasNotBegunStillRuns() throws {
    try onHub {
      let fiber = Fiber.spawn { Fiber.isEnding }
      fiber.cancel(grace: .seconds(60))
      try #expect(fiber.value)
    }
  }
}
