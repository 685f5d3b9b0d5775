import Green
import SuiteSupport
import SystemPackage
import TestSupport
import Testing

private struct Broken: Error, Equatable {}

@Suite(.bounded) struct SingleFlightTests {
  @Test func manyWhoAskAtOnceGetOneResult() throws {
    try onEverySchedule {
      let flights = SingleFlight<String, Int>()
      var calls = 0
      let fibers = (0..<20).map { index in
        Fiber.spawn {
          try flights.value(for: index % 2 == 0 ? "a" : "b") {
            calls += 1
            try Fiber.sleep(for: .milliseconds(5))
            return calls
          }
        }
      }
      let results = try fibers.map { try $0.value }
      try #require(calls == 2 && Set(results).count <= 2)
      try #require(!flights.isUnderWay("a"))
    }
  }

  @Test func anErrorIsThrownToAllAndNotKept() throws {
    try onHub {
      let flights = SingleFlight<Int, Int>()
      let fibers = (0..<3).map { _ in
        Fiber.spawn {
          try flights.value(for: 1) {
            Fiber.yield()
            throw Broken()
          }
        }
      }
      for fiber in fibers { #expect(throws: Broken()) { try fiber.value } }
      try #expect(flights.value(for: 1) { 7 } == 7)
    }
  }

  @Test func whoIsCancelledOrGivesUpEndsNothingForTheOthers() throws {
    try onHub {
      let flights = SingleFlight<Int, String>(), go = Event()
      let ask: () throws -> String = {
        try flights.value(for: 1) {
          try go.wait()
          return "done"
        }
      }
      // The first, who has started it, has a deadline around it too.
      let first = Fiber.spawn { try withTimeout(.milliseconds(2)) { try ask() } }
      settle()
      let second = Fiber.spawn { try ask() }
      let third = Fiber.spawn { try ask() }
      settle()
      #expect(throws: TimeoutError.self) { try first.value }
      second.cancel()
      #expect(throws: CancellationError.self) { try second.value }
      #expect(throws: Errno.timedOut) { try flights.value(for: 1, until: .now) { "another" } }
      go.set()
      try #expect(third.value == "done")
    }
  }

  @Test func whenNobodyWaitsAnyMoreTheWorkIsCancelledAndTheNextStartsAnew() throws {
    try onHub {
      let flights = SingleFlight<Int, Int>()
      var outcome: (any Error)?
      let asking = (0..<2).map { _ in
        Fiber.spawn {
          try flights.value(for: 1) {
            do {
              try Event().wait()
              return 0
            } catch {
              outcome = error
              throw error
            }
          }
        }
      }
      settle()
      asking[0].cancel()
      settle()
      #expect(outcome == nil && flights.isUnderWay(1))
      asking[1].cancel()
      let next = Fiber.spawn { try flights.value(for: 1) { 5 } }
      try #expect(next.value == 5)
      #expect(outcome is CancellationError)
      for fiber in asking { try fiber.join() }
    }
  }

  @Test func workThatAsksForItsOwnResultIsTold() throws {
    try onHub {
      let flights = SingleFlight<Int, Int>()
      #expect(throws: Errno.deadlock) { try flights.value(for: 1) { try flights.value(for: 1) { 2 } } }
      try #expect(flights.value(for: 1) { try flights.value(for: 2) { 2 } } == 2)
    }
  }

  @Test func whatIsForgottenIsStartedAnewForThoseWhoComeLater() throws {
    try onHub {
      let flights = SingleFlight<Int, Int>(), go = Event()
      let old = Fiber.spawn {
        try flights.value(for: 1) {
          try go.wait()
          return 1
        }
      }
      settle()
      flights.forget(1)
      try #expect(flights.value(for: 1) { 2 } == 2)
      go.set()
      try #expect(old.value == 1)
    }
  }

  @Test func hubsAndThreadsShareAFlight() throws {
    let flights = SingleFlight<Int, Int>(), calls = Mutex(0), together = Barrier(3)
    let ask: () throws -> Void = {
      for round in 0..<50 {
        try together.wait()
        let value = try flights.value(for: round) {
          calls.withLock { $0 += 1 }
          try Fiber.sleep(for: .milliseconds(1))
          return round
        }
        try #require(value == round)
      }
    }
    try inParallel([ask, { try onHub(ask) }, { try onHub(ask) }])
    #expect((50...150).contains(calls.withLock { $0 }))
  }
}
